using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>What the pump tells its node. Called on the pump; must not block.</summary>
internal interface IPumpOwner
{
    void OnDataPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection);

    void OnDataUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet);

    /// <summary>A frame of streams arrived. Not called on the pump.</summary>
    void OnStreamPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection connection)
    {
        // Only who has streams has to know.
    }

    /// <summary>A frame of streams could not be handed to the network. Not called on the pump.</summary>
    void OnStreamUndeliverable(ReadOnlySpan<byte> packet)
    {
        // As above.
    }

    /// <summary>A connection has room for bulk again. Not called on the pump.</summary>
    void OnRoom(ITransportConnection connection)
    {
        // As above.
    }

    /// <summary>A connection ended, and nothing more comes of it. Not called on the pump.</summary>
    void OnConnectionEnded(ITransportConnection connection)
    {
        // As above.
    }

    /// <summary>A frame of the agreement arrived. Not called on the pump.</summary>
    void OnAgreementPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection connection)
    {
        // Only who takes part has to know.
    }

    /// <summary>A frame of the agreement could not be handed to the network, or the connection to a peer ended. Not called on the pump.</summary>
    void OnPeerUnreachable(in NodeEndpoint peer)
    {
        // Only who waits for its answers has to know.
    }

    /// <summary>A web server refused a dial. Not called on the pump.</summary>
    void OnDialRefused(in NodeEndpoint peer, LinkRefusedException error)
    {
        // Only who words the outcome of joins has to know.
    }

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
