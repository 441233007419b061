using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>A proposer installs the next epoch as soon as it asked to accept the seal, not when that is chosen.</summary>
internal sealed class UnchosenSeal : Plant
{
    private readonly Dictionary<Position, RegisterValue> _values = [];

    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Watched(this, self);

    public override IEnumerable<AcceptorRequest> Send(AcceptorRequest request)
    {
        yield return request;
        if (request is not Accept accept || request.Register.Epoch == 0 || !_values.TryGetValue(accept.News.Base, out var held) || accept.News.From(held) is not { Next: { } next } sealedValue)
        {
            yield break;
        }

        var opening = sealedValue.Open();
        foreach (var acceptor in next.Acceptors)
        {
            yield return new Install(Ballot.None, opening) { Register = opening.Id(default), To = acceptor, Tag = request.Tag };
        }
    }

    /// <summary>Lets the plant know what the proposer knows.</summary>
    private sealed class Watched(UnchosenSeal plant, AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var record = base.Handle(request, out reply);
            if (Acceptor.Value is { } value)
            {
                plant._values[value.Position] = value;
            }

            return record;
        }
    }
}

/// <summary>A reader believes the first acceptor that answers.</summary>
internal sealed class OneReplicaRead : Plant
{
    public override bool BelievesOneReplica => true;
}
