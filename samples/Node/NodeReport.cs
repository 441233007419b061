using System.Diagnostics;
using Gossip;

namespace Node;

/// <content>How it is read.</content>
internal sealed partial record NodeReport
{
    private const string NameKey = "name";

    public static async Task<NodeReport> ReadAsync(GossipNode node, Inbox inbox, Deaths deaths, CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        var view = node.View;
        var table = await node.GetTableStatusAsync(cancellationToken);
        return new NodeReport(
            NameOf(view.Local.Metadata),
            $"{view.Local.Id}",
            $"{view.Local.Address}",
            [.. view.Members.Select(static member => new MemberReport(NameOf(member.Metadata), $"{member.Id}", $"{member.Address}", $"{member.State}", [.. member.Tags]))],
            new TableReport($"{table.Incarnation}", table.KnownVersion, table.IsInCharge, table.HasSeat, table.Acceptors.Length, table.Diagnosis),
            inbox.Received,
            deaths.All,
            process.WorkingSet64,
            process.HandleCount);
    }

    public static string NameOf(MetadataMap metadata) => metadata.TryGetValue(NameKey, out var name) ? $"{name}" : "";
}
