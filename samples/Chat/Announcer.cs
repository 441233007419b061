using Gossip;

namespace Chat;

/// <summary>Tells who comes and goes.</summary>
internal static class Announcer
{
    /// <summary>Runs until the node stops.</summary>
    /// <param name="node">The node.</param>
    /// <param name="nameOf">The name of a member; null while it is not known.</param>
    /// <param name="announce">Takes what there is to tell.</param>
    public static async Task RunAsync(GossipNode node, Func<ClusterMember, string?> nameOf, Action<string> announce)
    {
        // A member can be seen before its name has come, so who was announced is not the same as who was added.
        Dictionary<NodeId, ulong> here = [];
        await foreach (var change in node.WatchAsync())
        {
            var member = change.Member;
            if (member.IsLocal || nameOf(member) is not { } name)
            {
                continue;
            }

            if (member.State == MemberState.Alive && here.GetValueOrDefault(member.Id) != member.Instance.Generation)
            {
                here[member.Id] = member.Instance.Generation;
                announce($"* {name} is here");
            }
            else if (!member.IsPresent && here.Remove(member.Id))
            {
                announce(member.State == MemberState.Left ? $"* {name} left" : $"* {name} is gone without a word");
            }
        }
    }
}
