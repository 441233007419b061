using System.Globalization;

namespace Gossip.Agreement;

/// <content>Why nothing was decided, in words for whoever waits for it.</content>
internal sealed partial class AgreementEngine
{
    /// <summary>What keeps this node from having changes decided, and what to do about it.</summary>
    public string Diagnosis(long now)
    {
        if (Configuration is not { } configuration)
        {
            return $"No cluster was founded that this node knows: {WaitsFor}.";
        }

        if (_loss.IsProven || _loss.IsSettled)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"A majority of the acceptors ({string.Join(", ", configuration.Acceptors.Select(Where))}) is gone for good, and a successor is to be founded: ")
                + $"{(_loss.IsSettled ? WaitsFor : _loss.WaitsFor)}.";
        }

        List<string> missing = [];
        foreach (var seat in configuration.Acceptors)
        {
            if (Judge(seat, now) is (not TableAcceptorState.Serving, var trouble))
            {
                missing.Add(trouble);
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{configuration.Majority} of {configuration.Acceptors.Length} acceptors have to answer ({string.Join(", ", configuration.Acceptors.Select(Where))}); ")
            + (missing.Count == 0 ? "none of them is known to be gone, so they are slow or cut off from this node." : $"{string.Join("; ", missing)}.")
            + (configuration.Acceptors.Length - missing.Count >= configuration.Majority ? "" : $" Bring them back; or, where they never come back, recover the table on a node that votes ({nameof(GossipNode)}.{nameof(GossipNode.TableRecovery)}).");
    }

    /// <summary>What this node knows of an acceptor, and what is wrong with it, if anything is.</summary>
    public (TableAcceptorState State, string Trouble) Judge(AcceptorId seat, long now)
    {
        if (seat == _setup.Acceptor)
        {
            return IsRetired ? (TableAcceptorState.Lost, "this node's own store failed")
                : HasGivenUp ? (TableAcceptorState.Lost, "this node's own store votes for a successor that is not founded yet")
                : (TableAcceptorState.Serving, "");
        }

        return _peers.GetValueOrDefault(seat.Node) switch
        {
            null => (TableAcceptorState.Missing, $"member {seat.Node} is not known here"),
            { Notice: { } notice } peer when notice.Store != seat.Store => (TableAcceptorState.Lost, $"{peer.Address} came back without what it had stored"),
            { Presence: PeerPresence.Left } peer => (peer.Notice is { IsDurable: false } ? TableAcceptorState.Lost : TableAcceptorState.Missing, $"{peer.Address} has left"),
            { Presence: PeerPresence.Dead } peer => (TableAcceptorState.Missing, $"{peer.Address} is dead or cut off"),
            { Notice.OffersSeat: false } peer => (TableAcceptorState.Lost, $"{peer.Address} does not vote any more"),
            { } peer when IsLeading && _proposer.Attendance.IsSilent(seat, now, _setup.SeatTiming.SilencePatience) => (TableAcceptorState.Silent, $"{peer.Address} does not answer"),
            _ => (TableAcceptorState.Serving, ""),
        };
    }

    private string Where(AcceptorId seat) =>
        seat.Node == _setup.Self.Id ? _setup.Address.ToString() : _peers.GetValueOrDefault(seat.Node)?.Address.ToString() ?? $"{seat.Node}";
}
