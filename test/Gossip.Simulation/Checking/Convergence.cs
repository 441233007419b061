using Gossip.Membership;

namespace Gossip.Simulation;

/// <summary>Whether all running nodes know the truth: who runs, who died, who left, and what each says about itself.</summary>
internal sealed class Convergence(SimWorld world)
{
    // Where the last difference was found: the next look begins there, because it is likely to be there still.
    private int _observer;
    private int _subject;

    /// <summary>The first thing that somebody does not know, or null.</summary>
    public string? Difference(bool contents)
    {
        var nodes = world.Nodes;
        for (var i = 0; i < nodes.Count; i++)
        {
            var observer = nodes[(_observer + i) % nodes.Count];
            if (!observer.IsRunning || observer.IsLeaving)
            {
                continue;
            }

            for (var j = 0; j < nodes.Count; j++)
            {
                var subject = nodes[(_subject + j) % nodes.Count];
                if (DifferenceAbout(observer, subject, contents) is { } difference)
                {
                    _observer = observer.Index;
                    _subject = subject.Index;
                    return $"node {observer.Index} {difference}";
                }
            }
        }

        return null;
    }

    private string? DifferenceAbout(SimNode observer, SimNode subject, bool contents)
    {
        if (subject.Engine is null)
        {
            return null;
        }

        if (!observer.Engine!.Table.TryFind(subject.Id, out var member))
        {
            if (observer.Cluster != subject.Cluster || (subject != observer && (subject.IsTurnedAway || observer.IsTurnedAway)))
            {
                return null;
            }

            // A full table lets go of the dead to make room.
            if (!subject.IsUp && world.Setup.MaxMembers < world.Nodes.Count)
            {
                return null;
            }

            // Who ended before the observer began may have been forgotten; views leave it out either way.
            return !subject.IsUp && subject.EndedAt <= observer.StartedAt ? null : $"does not know node {subject.Index}";
        }

        if (member.Instance.Generation != subject.Generation)
        {
            // A process that ended before anybody heard of it leaves no trace.
            return !subject.IsUp && member.IsGone ? null : $"knows node {subject.Index} as {member.Instance}, not {subject.Self.Instance}";
        }

        if (!subject.IsUp)
        {
            return subject.IsLeaving
                ? member.State == MemberState.Left ? null : $"holds node {subject.Index} {member.State}, which left"
                : member.State == MemberState.Dead ? null : $"holds node {subject.Index} {member.State}, whose process ended";
        }

        if (member.State != MemberState.Alive || member.Incarnation != subject.Self.Incarnation)
        {
            return $"holds node {subject.Index} {member.State} at incarnation {member.Incarnation}; it runs at {subject.Self.Incarnation}";
        }

        if (member.Facts.Version != subject.Self.Facts.Version)
        {
            return $"has the facts of node {subject.Index} at {member.Facts.Version:x}; they are at {subject.Self.Facts.Version:x}";
        }

        return contents ? ContentDifference(subject, member) : null;
    }

    private static string? ContentDifference(SimNode subject, Member member)
    {
        var own = subject.Self.Facts;
        if (member.Facts.Existing().SequenceEqual(own.Existing()))
        {
            return null; // the same sentences make the same tags and metadata, which cost far more to make for every view
        }

        if (!member.Facts.Tags.SequenceEqual(own.Tags))
        {
            return $"has the tags [{string.Join(' ', member.Facts.Tags)}] of node {subject.Index}; they are [{string.Join(' ', own.Tags)}]";
        }

        return $"has other metadata of node {subject.Index} than it says";
    }
}
