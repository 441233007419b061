using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>Replies leave without a flush, and nothing is ever flushed.</summary>
internal sealed class SkippedFlush : Plant
{
    public override bool Flushes => false;

    public override bool Waits(AcceptorReply reply) => false;
}

/// <summary>A promise leaves before it is durable.</summary>
internal sealed class EarlyPromise : Plant
{
    public override bool Waits(AcceptorReply reply) => reply is not Promise;
}

/// <summary>A store that lost everything keeps its name.</summary>
internal sealed class ReusedStore : Plant
{
    public override bool ReusesStores => true;
}

/// <summary>A founder that lost everything takes its seat again, and so votes twice.</summary>
internal sealed class ReboundFounder : Plant
{
    public override bool RebindsFounders => true;
}

/// <summary>After a restart an acceptor does not know what it promised, and so votes twice.</summary>
internal sealed class ForgottenPromises : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Forgetful(self);

    private sealed class Forgetful(AcceptorId self) : AcceptorPort(self)
    {
        public override void Replay(AcceptorRecord record)
        {
            if (record is not PromiseRecord)
            {
                base.Replay(record is AcceptRecord accept ? accept with { Next = Ballot.None } : record);
            }
        }
    }
}
