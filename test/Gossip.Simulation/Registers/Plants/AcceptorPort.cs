using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>Where a node calls its acceptor; a planted bug puts itself between.</summary>
internal class AcceptorPort(AcceptorId self)
{
    public Acceptor Acceptor { get; protected set; } = new(self);

    public virtual AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply) => Acceptor.Handle(request, out reply);

    /// <summary>Carries out a record after a restart.</summary>
    public virtual void Replay(AcceptorRecord record) => Acceptor.Apply(record);
}
