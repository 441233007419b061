using System.Globalization;

namespace Gossip.Bench.Agents;

/// <summary>What an agent can report.</summary>
internal enum ObservationKind
{
    /// <summary>The process can be told to join.</summary>
    Ready,

    /// <summary>A member takes part.</summary>
    Up,

    /// <summary>A member is suspected.</summary>
    Suspected,

    /// <summary>A member is dead.</summary>
    Dead,

    /// <summary>A broadcast was sent, or arrived.</summary>
    Heard,

    /// <summary>What the node's probes found out about a member that died: the text says what, the subject is the witness.</summary>
    Evidence,

    /// <summary>All were asked: the subject is how many answered, the text how many milliseconds that took.</summary>
    Answered,

    /// <summary>Counters of the process, see <see cref="AgentUsage"/>.</summary>
    Usage,
}

/// <summary>One thing that one node saw at one time.</summary>
/// <param name="At">
/// A timestamp of <see cref="System.Diagnostics.Stopwatch"/>. On Linux and macOS that clock is the machine's, so the timestamps of all
/// processes compare; on Windows too (the performance counter). Within a virtual machine that moves between hosts it may not.
/// </param>
/// <param name="Observer">The number of the node that saw it.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Subject">The number of the node that it is about.</param>
/// <param name="Text">More of it.</param>
internal readonly record struct Observation(long At, int Observer, ObservationKind Kind, int Subject, string Text)
{
    private const char Separator = ' ';
    private const int Fields = 5;

    public override string ToString() => string.Join(Separator, At, Observer, Kind, Subject, Text);

    public static Observation? Parse(string line)
    {
        var parts = line.Split(Separator, Fields);
        return parts.Length == Fields
            && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var at)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var observer)
            && Enum.TryParse<ObservationKind>(parts[2], out var kind)
            && int.TryParse(parts[3], CultureInfo.InvariantCulture, out var subject)
                ? new Observation(at, observer, kind, subject, parts[4])
                : null;
    }
}
