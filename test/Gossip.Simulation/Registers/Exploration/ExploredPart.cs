using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>A part of an explored world that changes as a whole: a step copies only what it touches.</summary>
internal abstract class ExploredPart
{
    /// <summary>Equal for equal states.</summary>
    public abstract ulong Hash();
}

/// <summary>An acceptor with its log. A record that did not have to wait for the flush is lost by a restart, if nothing flushed it since.</summary>
internal sealed class ExploredAcceptor(Plant plant, AcceptorId self) : ExploredPart
{
    private readonly List<AcceptorRecord> _log = [];
    private int _durable;

    public AcceptorPort Port { get; private set; } = plant.Port(null!, self);

    public override ulong Hash() => EngineState.Hash(Port) + ((ulong)(_log.Count - _durable) << 1);

    public AcceptorReply Handle(AcceptorRequest request)
    {
        var record = Port.Handle(request, out var reply);
        if (record is not null)
        {
            _log.Add(record is AcceptRecord accept ? accept with { Value = null } : record);
        }

        _durable = plant.Waits(reply) && plant.Flushes ? _log.Count : _durable;
        return reply;
    }

    public void Restart()
    {
        var self = Port.Acceptor.Self;
        Port = plant.Port(null!, self);
        _log.RemoveRange(_durable, _log.Count - _durable);
        foreach (var record in _log)
        {
            Port.Replay(record);
        }
    }

    /// <summary>Restarts with a checkpoint in the place of the log.</summary>
    public void RestartFromCheckpoint()
    {
        Restart();
        var checkpoint = Port.Acceptor.Checkpoint();
        _log.Clear();
        _log.Add(checkpoint);
        _durable = 1;
        Port = plant.Port(null!, Port.Acceptor.Self);
        Port.Replay(checkpoint);
    }
}

/// <summary>A proposer with its client, which asks for the next change once the one before ended, however it ended.</summary>
internal sealed class ExploredProposer : ExploredPart
{
    private static readonly ProposerTiming Timing = new() { BackoffMin = TimeSpan.Zero, BackoffMax = TimeSpan.Zero };

    public ExploredProposer(NodeInstance self) => Proposer = new Proposer(self, Timing, new Node.SeededRandom(1), Outbox);

    public ProposerOutbox Outbox { get; } = new();

    public Proposer Proposer { get; }

    public int Asked { get; set; }

    public override ulong Hash() => EngineState.Hash(Proposer) + (ulong)Asked;
}
