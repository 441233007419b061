using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Membership;

/// <summary>A packet that an engine wanted to send.</summary>
internal sealed record SentPacket(TransmitPath Path, NodeEndpoint To, byte[] Bytes);

/// <summary>One engine with a clock of its own, called as a pump calls it; everything that comes out is kept until it is taken.</summary>
internal sealed class EngineHarness
{
    private const ulong WallStart = 1_000_000_000;
    private readonly Outbox _outbox = new();
    private readonly List<SentPacket> _sent = [];
    private long _ticks;

    public EngineHarness(EngineOptions options)
    {
        Options = options;
        Engine = new GossipEngine(options, _outbox);
    }

    public EngineHarness(char name)
        : this(TestNodes.Options(name))
    {
    }

    public EngineOptions Options { get; }

    public GossipEngine Engine { get; }

    public List<EngineEvent> Events { get; } = [];

    public Moment Now => new(_ticks, WallStart + (ulong)(_ticks / TimeSpan.TicksPerMicrosecond));

    public static EngineHarness Started(char name, params ReadOnlySpan<char> members)
    {
        var harness = new EngineHarness(name);
        harness.Do((engine, now) => engine.Start(now, joining: false));
        foreach (var member in members)
        {
            harness.Hear(member, TestNodes.Says(member, MemberState.Alive));
        }

        harness.Take();
        return harness;
    }

    public Member Member(char name) => Engine.Table.TryFind(TestNodes.Id(name), out var member)
        ? member
        : throw new InvalidOperationException($"{name} is not known.");

    public void Do(Action<GossipEngine, Moment> call)
    {
        call(Engine, Now);
        Collect();
    }

    /// <summary>Lets time pass; the engine ticks whenever it asked for it.</summary>
    public void Advance(TimeSpan time)
    {
        var end = _ticks + time.Ticks;
        while (Engine.NextDeadline <= end)
        {
            _ticks = Math.Max(_ticks, Engine.NextDeadline);
            Do((engine, now) => engine.OnTick(now));
        }

        _ticks = end;
    }

    public void Receive(PacketSource source, byte[] packet) => Do((engine, now) => engine.OnPacket(now, source, packet));

    /// <summary>A datagram from a member, from its own endpoint.</summary>
    public void Receive(char sender, MessagesWriter write, ulong generation = 1) =>
        Receive(new PacketSource(TestNodes.Endpoint(sender), 0), TestPacket.Of(TestNodes.Instance(sender, generation), write));

    /// <summary>A member makes a statement.</summary>
    public void Hear(char speaker, MemberStatement statement) =>
        Receive(speaker, (ref WireWriter writer) => statement.Write(ref writer));

    public void Answer(char sender, MessageKind kind, ulong sequence) =>
        Receive(sender, (ref WireWriter writer) => new ProbeMessage { Sequence = sequence }.Write(ref writer, kind));

    /// <summary>All packets since the last call.</summary>
    public List<SentPacket> Take()
    {
        List<SentPacket> taken = [.. _sent];
        _sent.Clear();
        return taken;
    }

    private void Collect()
    {
        foreach (var transmit in _outbox.Transmits)
        {
            _sent.Add(new SentPacket(transmit.Path, transmit.To, _outbox.Bytes(transmit).ToArray()));
        }

        Events.AddRange(_outbox.Events);
        _outbox.Clear();
    }
}
