using Gossip.Agreement;
using Gossip.Tables;

namespace Gossip.Node;

/// <summary>Describes to people and to health checks what the agreement of a node knows.</summary>
internal static class TableStatusReport
{
    /// <summary>Called on the pump of the agreement.</summary>
    public static TableStatus Of(AgreementEngine engine, AgreementSetup setup, ClusterView view, long now)
    {
        var acceptors = engine.Configuration?.Acceptors ?? [];
        var isAmiss = acceptors.IsEmpty || acceptors.Any(seat => engine.Judge(seat, now).State != TableAcceptorState.Serving);
        return new TableStatus
        {
            Incarnation = engine.Configuration is null ? Guid.Empty : engine.Lineage.Incarnation,
            Epoch = engine.Configuration?.Epoch ?? 0,
            Acceptors = [.. acceptors.Select(seat => Describe(engine, setup, seat, now))],
            HasSeat = engine.HasSeat,
            IsInCharge = engine.IsLeading,
            KnownVersion = KnownVersion(engine, view),
            Diagnosis = isAmiss ? engine.Diagnosis(now) : "",
        };
    }

    private static TableAcceptor Describe(AgreementEngine engine, AgreementSetup setup, AcceptorId seat, long now)
    {
        var state = engine.Judge(seat, now).State;
        if (seat.Node == setup.Self.Id)
        {
            return new TableAcceptor(seat.Node, setup.Address.SocketPart.ToIPEndPoint(), setup.IsDurable, state);
        }

        // What a successor of the node tells of its own store says nothing of this one.
        var peer = engine.Peers.GetValueOrDefault(seat.Node);
        return new TableAcceptor(seat.Node, peer?.Address.SocketPart.ToIPEndPoint(), peer?.Notice is { } notice && notice.Store == seat.Store ? notice.IsDurable : null, state);
    }

    private static int? KnownVersion(AgreementEngine engine, ClusterView view)
    {
        var known = engine.Known is { State: TableState table, Lineage.IsNone: false } ? table.Version.Number : (int?)null;
        foreach (var member in view.Members)
        {
            if (member.SystemFacts.TryGetValue(TableFacts.Version, out MetadataValue value) && value.TryGet(out ulong told) && told <= int.MaxValue && !(known >= (int)told))
            {
                known = (int)told;
            }
        }

        return known;
    }
}
