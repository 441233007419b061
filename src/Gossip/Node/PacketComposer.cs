using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>Where a packet came from, and so where an answer goes.</summary>
/// <param name="Endpoint">The observed source of a datagram; for a connection, the peer's endpoint when it is known.</param>
/// <param name="ConnectionId">The connection, or zero for a datagram.</param>
internal readonly record struct PacketSource(NodeEndpoint Endpoint, long ConnectionId)
{
    public bool IsStream => ConnectionId != 0;
}

/// <summary>Starts packets with their header and hands them to the outbox.</summary>
internal sealed class PacketComposer(EngineContext context)
{
    /// <summary>How much state one frame carries: small enough that a probe behind it does not wait long.</summary>
    private const int FrameSize = 64 * 1024;

    /// <summary>The largest frame that any engine with these options sends.</summary>
    public static int MaxFrameSize(EngineOptions options) => FrameSize + options.FactLimits.MaxBytes;

    /// <summary>The largest frame that an engine with these options takes: one with a broadcast, if it keeps any.</summary>
    public static int MaxReceivedFrameSize(EngineOptions options) => options.BroadcastWindow > TimeSpan.Zero
        ? Math.Max(MaxFrameSize(options), BroadcastLimits.MaxFrame)
        : MaxFrameSize(options);

    public WireWriter BeginDatagram() => Begin(context.Options.MaxDatagramSize);

    /// <summary>A frame for state; beyond its usual size it has room for the largest single fact.</summary>
    public WireWriter BeginFrame() => BeginFrameIn(null);

    /// <summary>The same in a version of the protocol, for who asked in it and is not known otherwise.</summary>
    public WireWriter BeginFrameIn(byte? version) => Begin(MaxFrameSize(context.Options), version);

    /// <summary>A frame for a large broadcast.</summary>
    public WireWriter BeginFrame(int size) => Begin(size);

    /// <summary>Sends to a member on the link it prefers, with as many rumours as fit.</summary>
    public void ToMember(ref WireWriter writer, Member member)
    {
        if (member.IsPresent)
        {
            // What the dead would not hear must not count as told.
            context.Rumours.Piggyback(ref writer, member.Slot);
        }

        SendTo(ref writer, member);
    }

    /// <summary>Sends to a member on the link it prefers, as it is.</summary>
    public void SendTo(ref WireWriter writer, Member member)
    {
        writer.Overwrite(PacketHeader.VersionOffset, context.VersionFor(member));
        Send(ref writer, member.StreamOnly ? TransmitPath.Stream : TransmitPath.Datagram, member.Endpoint);
    }

    /// <summary>Answers on the way that the question came.</summary>
    public void Reply(ref WireWriter writer, in PacketSource source, Member? sender)
    {
        writer.Overwrite(PacketHeader.VersionOffset, sender is not null ? context.VersionFor(sender) : context.Options.Versions.Contains(context.Heard) ? context.Heard : context.Version);

        if (source.IsStream)
        {
            context.Outbox.Commit(TransmitPath.Connection, source.Endpoint, source.ConnectionId, writer.Position);
            return;
        }

        if (sender is not null)
        {
            context.Rumours.Piggyback(ref writer, sender.Slot);
        }

        Send(ref writer, TransmitPath.Datagram, source.Endpoint);
    }

    public void Stream(ref WireWriter writer, in NodeEndpoint to) => Send(ref writer, TransmitPath.Stream, to);

    public void Send(ref WireWriter writer, TransmitPath path, in NodeEndpoint to) =>
        context.Outbox.Commit(path, to, 0, writer.Position);

    private WireWriter Begin(int size, byte? version = null)
    {
        var buffer = context.Outbox.Rent(size);
        new PacketHeader(version ?? context.Version, PacketKind.Control, 0, context.Options.ClusterHash, context.Self.Instance).Write(buffer);
        var writer = new WireWriter(buffer);
        writer.Skip(PacketHeader.Size);
        return writer;
    }
}
