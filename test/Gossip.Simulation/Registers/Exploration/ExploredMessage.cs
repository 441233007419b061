using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>A request under way. The network keeps no order.</summary>
internal sealed class ExploredMessage
{
    public ExploredMessage(int proposer, int acceptor, AcceptorRequest request)
    {
        (Proposer, Acceptor, Request) = (proposer, acceptor, request);
        Hash = HashOf(AgreementFormat.Encode(request));
    }

    public int Proposer { get; }

    public int Acceptor { get; }

    public AcceptorRequest Request { get; }

    public ulong Hash { get; }

    public override string ToString() => $"p{Proposer}->a{Acceptor} {Request.GetType().Name} {(Request as Prepare)?.Ballot}{(Request as Accept)?.Ballot}";

    private ulong HashOf(byte[] bytes)
    {
        var hash = new TraceHash();
        hash.Add(((ulong)Proposer << 8) ^ (ulong)Acceptor);
        hash.Add(bytes);
        return Node.SeededRandom.Mix(hash.Value);
    }
}
