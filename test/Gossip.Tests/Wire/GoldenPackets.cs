using System.Buffers;
using System.Net;
using Gossip.Agreement;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Messaging;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Streaming;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

/// <summary>One packet of each kind, written by the code that writes it in earnest, from fixed inputs.</summary>
internal static class GoldenPackets
{
    public const string ClusterName = "orders";
    public const string ServiceId = "eu";
    public static readonly ulong Cluster = PacketHeader.HashCluster(ClusterName, ServiceId);
    public static readonly NodeInstance A = new(NodeId.Parse("000102030405060708090a0b0c0d0e0f"), 0x1122);
    public static readonly NodeInstance B = new(NodeId.Parse("101112131415161718191a1b1c1d1e1f"), 0x3344);
    public static readonly NodeInstance C = new(NodeId.Parse("202122232425262728292a2b2c2d2e2f"), 0x5566);
    public static readonly NodeEndpoint EndpointA = NodeEndpoint.From(IPAddress.Parse("10.0.0.1"), TestNodes.Port);
    public static readonly NodeEndpoint EndpointB = NodeEndpoint.From(IPAddress.Parse("2001:db8::2"), TestNodes.Port);
    private const ulong FactMicros = 1000;
    private const long JoinToken = 7;
    private const long Connection = 3;
    private const int UserType = 130;

    /// <summary>The control packets: everything that an engine reads.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Control =>
    [
        (nameof(Ping), Ping()),
        (nameof(MessageKind.Ack), Probe(MessageKind.Ack, new ProbeMessage { Sequence = 300 })),
        (nameof(MessageKind.PingRequest), Probe(
            MessageKind.PingRequest,
            new ProbeMessage { Sequence = 5, Target = C, Endpoint = EndpointB, Traits = MemberTraits.StreamOnly })),
        (nameof(MessageKind.Nack), Probe(MessageKind.Nack, new ProbeMessage { Sequence = 5 })),
        (nameof(MessageKind.Member), Statement()),
        (nameof(MessageKind.Facts), Facts()),
        (nameof(MessageKind.Broadcast), Broadcast()),
        (nameof(JoinRequest), JoinRequest()),
        (nameof(MessageKind.JoinReply), JoinReply()),
        (nameof(MessageKind.SyncDigest), SyncDigest()),
        (nameof(MessageKind.SyncVersions), SyncVersions()),
        (nameof(MessageKind.SyncWant), SyncWant()),
        (nameof(MessageKind.BroadcastDigest), BroadcastDigest()),
        (nameof(MessageKind.BroadcastOffer), BroadcastOffer()),
        (nameof(MessageKind.BroadcastWant), BroadcastWant()),
        (nameof(MessageKind.BroadcastCopy), BroadcastCopy()),
    ];

    /// <summary>The data packets: everything that messaging reads.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Data
    {
        get
        {
            var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Data, 0, Cluster, A);
            var address = new DeliveryAddress(B, 9);
            var body = Envelope.EncodeBody(
                MessageMode.Request,
                UserType,
                MessagePayload.FromText("hello"),
                new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero),
                new Dictionary<string, string> { ["k"] = "v" },
                TimeSpan.FromSeconds(2)).ToArray();
            yield return Cut("Envelope", packet => DataPacket.WriteEnvelope(packet, header, address, body));
            yield return Cut("Receipt", packet => DataPacket.WriteAnswer(packet, header, MessageKind.Receipt, address, Answer.NoHandler(UserType)));
            yield return Cut("Reply", packet => DataPacket.WriteAnswer(
                packet, header, MessageKind.Reply, address, new Answer(SendOutcome.Handled, Reply: MessagePayload.FromBytes(new byte[] { 1, 2 }))));
            var end = Envelope.EncodeBody(MessageMode.Reliable, UserType, MessagePayload.FromText("end"), DateTimeOffset.UnixEpoch, null, TimeSpan.FromSeconds(2), new PartList(7, 2)).ToArray();
            yield return Cut("LargeEnvelope", packet => DataPacket.WriteEnvelope(packet, header, new DeliveryAddress(B, 9, 3), end));
            yield return Cut("LargeReply", packet => DataPacket.WriteAnswer(
                packet, header, MessageKind.Reply, address, new Answer(SendOutcome.Handled, Reply: MessagePayload.FromText("end"), Parts: new PartList(7, 2))));
            yield return Cut("Cancel", packet => DataPacket.WriteCancel(packet, header, address));
        }
    }

    /// <summary>One packet of each kind of the agreement; what is in the bodies has goldens of its own.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Agreement =>
        from kind in new[] { MessageKind.AcceptorRequest, MessageKind.AcceptorReply, MessageKind.Proposal, MessageKind.ProposalAnswer, MessageKind.Turn }
        select ($"{kind}", AgreementPacket.Write(new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Agreement, 0, Cluster, A), kind, A.Generation, [1, 2, 3]));

    /// <summary>The packets of streams.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Streams
    {
        get
        {
            var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Stream, 0, Cluster, A);
            var address = new DeliveryAddress(B, 9);
            var key = new StreamKey(9, IsOwn: true);
            var ending = new Ending(StreamAbortReason.Aborted, "no");
            yield return ("StreamOpen", StreamPacket.WriteOpen(header, address, UserType, 256 * 1024, compression: 1, new Dictionary<string, string> { ["k"] = "v" }));
            yield return Cut("StreamAnswer", packet => StreamPacket.WriteAnswer(packet, header, address, StreamVerdict.Accepted, 256 * 1024));
            yield return Cut("StreamRefusal", packet => StreamPacket.WriteAnswer(packet, header, address, StreamVerdict.Refused, reason: "overloaded"));
            yield return Cut("StreamData", packet => StreamPacket.WriteData(packet, header, key, 300, new ReadOnlySequence<byte>([1, 2, 3])));
            yield return Cut("StreamCredit", packet => StreamPacket.WriteFrame(packet, header, MessageKind.StreamCredit, key with { IsOwn = false }, 512 * 1024));
            yield return Cut("StreamEnd", packet => StreamPacket.WriteFrame(packet, header, MessageKind.StreamEnd, key, 303));
            yield return Cut("StreamStop", packet => StreamPacket.WriteFrame(packet, header, MessageKind.StreamStop, key, ending: ending));
            yield return Cut("StreamReset", packet => StreamPacket.WriteFrame(packet, header, MessageKind.StreamReset, key, ending: ending));
        }
    }

    public static TheoryData<string> ControlNames => [.. Control.Select(packet => packet.Name)];

    public static byte[] Of(string name) => Control.Single(packet => packet.Name == name).Bytes;

    public static EngineHarness EngineA() => Started(A, EndpointA);

    public static EngineHarness EngineB() => Started(B, EndpointB);

    /// <summary>B, who knows A, as most packets presuppose.</summary>
    public static EngineHarness EngineBWithA()
    {
        var b = EngineB();
        b.Receive(new PacketSource(EndpointA, 0), Of(A, AliveA));
        b.Take();
        return b;
    }

    public static EngineHarness EngineAWithB()
    {
        var a = EngineA();
        a.Receive(new PacketSource(EndpointB, 0), Of(B, (ref WireWriter writer) => AliveB.Write(ref writer)));
        a.Take();
        return a;
    }

    public static byte[] Ping() => Of(A, (ref WireWriter writer) =>
    {
        new ProbeMessage { Sequence = 5, Target = B }.Write(ref writer, MessageKind.Ping);
        AliveA(ref writer);
    });

    /// <summary>A asks B to let it in, and says what it is: it carries one tag.</summary>
    public static byte[] JoinRequest()
    {
        var a = WithFacts(EngineA());
        a.Do((engine, now) => engine.Join(now, EndpointB, JoinToken));
        return a.Take().Single().Bytes;
    }

    private static MemberStatement AliveB => new() { Subject = B, State = MemberState.Alive, Endpoint = EndpointB };

    private static byte[] Probe(MessageKind kind, ProbeMessage message) => Of(A, (ref WireWriter writer) => message.Write(ref writer, kind));

    private static void AliveA(ref WireWriter writer) =>
        new MemberStatement { Subject = A, Incarnation = 2, State = MemberState.Alive, Endpoint = EndpointA }.Write(ref writer);

    private static byte[] Statement() => Of(A, (ref WireWriter writer) => new MemberStatement
    {
        Subject = B,
        Incarnation = 4,
        State = MemberState.Dead,
        Endpoint = EndpointB,
        Traits = MemberTraits.StreamOnly,
        Accuser = A.Id,
        FactsVersion = FactMicros << HybridTimestamp.CounterBits,
        History = true,
        AgeSeconds = 60,
    }.Write(ref writer));

    private static byte[] Facts()
    {
        var facts = new FactSet(new FactLimits());
        var stamp = FactMicros << HybridTimestamp.CounterBits;
        facts.Set(FactKind.Tag, "web", true, stamp);
        facts.Set(FactKind.Metadata, "weight", 10, stamp + 1);
        facts.Set(FactKind.Metadata, "zone", "north", stamp + 2);
        facts.Remove(FactKind.Metadata, "weight", stamp + 3);
        return Of(A, (ref WireWriter writer) =>
        {
            var mark = writer.Begin((int)MessageKind.Facts);
            var nothing = default(FactsPosition);
            facts.WriteDelta(ref writer, A, ref nothing);
            writer.End(mark);
        });
    }

    private static byte[] Broadcast()
    {
        var a = EngineAWithB();
        a.Do((engine, now) => engine.TryBroadcast(now, "news"u8));
        a.Advance(TimeSpan.Zero);
        return Only(MessageKind.Broadcast, a.Take());
    }

    private static byte[] BroadcastDigest()
    {
        var a = EngineAWithB();
        a.Do((engine, now) => engine.TryBroadcast(now, "news"u8));
        a.Advance(new BroadcastTiming(a.Options.Timing, a.Options.BroadcastWindow).ShortestInterval * 2);
        return Only(MessageKind.BroadcastDigest, a.Take());
    }

    private static byte[] BroadcastOffer()
    {
        var a = EngineAWithB();
        a.Do((engine, now) => engine.TryBroadcast(now, new byte[a.Options.MaxDatagramSize]));
        a.Advance(TimeSpan.Zero);
        return Only(MessageKind.BroadcastOffer, a.Take());
    }

    private static byte[] BroadcastWant()
    {
        var (a, b) = (EngineAWithB(), EngineBWithA());
        Exchange(from: b, EndpointB, to: a);
        return Only(MessageKind.BroadcastWant, a.Take());
    }

    /// <summary>One sends a broadcast, of which the other hears by a digest.</summary>
    private static void Exchange(EngineHarness from, NodeEndpoint endpoint, EngineHarness to)
    {
        from.Do((engine, now) => engine.TryBroadcast(now, "news"u8));
        from.Advance(new BroadcastTiming(from.Options.Timing, from.Options.BroadcastWindow).ShortestInterval * 2);
        to.Receive(new PacketSource(endpoint, 0), Only(MessageKind.BroadcastDigest, from.Take()));
        to.Advance(TimeSpan.Zero);
    }

    private static byte[] BroadcastCopy()
    {
        var (a, b) = (EngineAWithB(), EngineBWithA());
        Exchange(from: a, EndpointA, to: b);
        a.Receive(new PacketSource(EndpointB, 0), Only(MessageKind.BroadcastWant, b.Take()));
        return Only(MessageKind.BroadcastCopy, a.Take());
    }

    private static byte[] JoinReply()
    {
        var (a, b) = (EngineA(), EngineB());
        b.Do((engine, now) => engine.Join(now, EndpointA, JoinToken));
        a.Receive(new PacketSource(default, Connection), b.Take().Single().Bytes);
        return Only(MessageKind.JoinReply, a.Take());
    }

    private static byte[] SyncDigest()
    {
        // Nobody answers here: without probes B stays alive until the periodic comparison, which is a datagram. On streams digests are finer.
        var options = EngineA().Options;
        var a = new EngineHarness(options with { Timing = options.Timing with { ProbeInterval = TimeSpan.FromDays(1) } });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Receive(new PacketSource(EndpointB, 0), Of(B, (ref WireWriter writer) => AliveB.Write(ref writer)));
        a.Advance(options.Timing.SyncInterval);
        return Only(MessageKind.SyncDigest, [.. a.Take().Where(packet => packet.Path == TransmitPath.Datagram)]);
    }

    private static byte[] SyncVersions()
    {
        var a = WithFacts(EngineA());
        a.Receive(new PacketSource(EndpointB, Connection), Of(B, (ref WireWriter writer) =>
        {
            var mark = writer.Begin((int)MessageKind.SyncDigest);
            writer.Bytes(1, new byte[sizeof(ulong)]);
            writer.End(mark);
        }));
        return Only(MessageKind.SyncVersions, a.Take());
    }

    private static byte[] SyncWant()
    {
        var a = EngineA();
        var b = WithFacts(EngineB());
        b.Receive(new PacketSource(EndpointA, Connection), SyncDigest());
        a.Receive(new PacketSource(EndpointB, Connection), Only(MessageKind.SyncVersions, b.Take()));
        return Only(MessageKind.SyncWant, a.Take());
    }

    private static EngineHarness WithFacts(EngineHarness harness)
    {
        harness.Do((engine, now) => engine.ChangeFacts(
            now with { WallMicros = FactMicros }, [new FactChange(FactKind.Tag, "web", true)]));
        return harness;
    }

    private static EngineHarness Started(NodeInstance self, NodeEndpoint endpoint)
    {
        var harness = new EngineHarness(TestNodes.Options('x') with { Self = self, Endpoint = endpoint, ClusterHash = Cluster, ApplicationVersion = "1.0" });
        harness.Do((engine, now) => engine.Start(now, joining: false));
        return harness;
    }

    private static byte[] Of(NodeInstance sender, MessagesWriter write) => TestPacket.Of(sender, write, Cluster);

    /// <summary>The first message of that kind alone, under its packet's header.</summary>
    private static byte[] Only(MessageKind kind, List<SentPacket> packets)
    {
        foreach (var packet in packets)
        {
            foreach (var message in TestPacket.Messages(packet.Bytes).Where(message => message.Kind == kind))
            {
                PacketHeader.TryRead(packet.Bytes, out var header);
                return Of(header.Sender, (ref WireWriter writer) => writer.Bytes((int)kind, message.Body));
            }
        }

        throw new InvalidOperationException($"No {kind} was sent.");
    }

    private static (string Name, byte[] Bytes) Cut(string name, Func<byte[], int> write)
    {
        var packet = new byte[PacketHeader.Size + 1024];
        return (name, packet[..write(packet)]);
    }
}
