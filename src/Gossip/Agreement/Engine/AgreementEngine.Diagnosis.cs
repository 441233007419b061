using System.Globalization;

namespace Gossip.Agreement;

/// <content>Why nothing was decided, in words for whoever waits for it.</content>
internal sealed partial class AgreementEngine
{
    /// <summary>What keeps this node from having changes decided, and what to do about it.</summary>
    public string Diagnosis()
    {
        if (Configuration is not { } configuration)
        {
            return $"No cluster was founded that this node knows: {WaitsFor}.";
        }

        List<string> missing = [];
        foreach (var seat in configuration.Acceptors.Where(seat => seat != _setup.Acceptor))
        {
            if (Trouble(seat) is { } trouble)
            {
                missing.Add(trouble);
            }
        }

        if (HasSeat && IsRetired)
        {
            missing.Add("this node's own store failed");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{configuration.Majority} of {configuration.Acceptors.Length} acceptors have to answer ({string.Join(", ", configuration.Acceptors.Select(Where))}); ")
            + (missing.Count == 0 ? "none of them is known to be gone, so they are slow or cut off from this node." : $"{string.Join("; ", missing)}.");
    }

    private string Where(AcceptorId seat) =>
        seat.Node == _setup.Self.Id ? _setup.Address.ToString() : _peers.GetValueOrDefault(seat.Node)?.Address.ToString() ?? $"{seat.Node}";

    private string? Trouble(AcceptorId seat)
    {
        var peer = _peers.GetValueOrDefault(seat.Node);
        return peer is null ? $"member {seat.Node} is not known here"
            : peer.Presence == PeerPresence.Left ? $"{peer.Address} has left"
            : peer.Presence == PeerPresence.Dead ? $"{peer.Address} is dead or cut off"
            : peer.Notice is { } notice && notice.Store != seat.Store ? $"{peer.Address} came back without what it had stored"
            : null;
    }
}
