using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>What the pump tells its node. Called on the pump; must not block.</summary>
internal interface IPumpOwner
{
    void OnDataPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection);

    void OnDataUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet);

    void OnEngineEvent(in EngineEvent engineEvent);

    /// <summary>The engine's table changed in a way that views show.</summary>
    void OnViewChanged(GossipEngine engine);

    void OnPumpFailed(Exception error);

    /// <summary>No connection can be accepted for the time being. Not called on the pump.</summary>
    void OnAcceptFailed(Exception error)
    {
        // Only who logs has to know.
    }
}
