using Gossip.Agreement;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>An acceptor accepts a ballot below the one that it promised.</summary>
internal sealed class LowerBallot : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Lax(self);

    private sealed class Lax(AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var isLower = request is Accept && request.Register == Acceptor.Register && ((Accept)request).Ballot < Acceptor.PromisedBallot;
            var record = base.Handle(isLower ? (Accept)request with { Ballot = Acceptor.PromisedBallot } : request, out reply);
            reply = isLower && reply is Accepted accepted ? accepted with { Ballot = ((Accept)request).Ballot } : reply;
            return record;
        }
    }
}

/// <summary>An acceptor applies batches to whatever it holds.</summary>
internal sealed class WrongBase : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Careless(self);

    private sealed class Careless(AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var record = base.Handle(request, out reply);
            if (reply is not NeedsBase || request is not Accept { News: { Full: null } news } accept)
            {
                return record;
            }

            var held = Acceptor.Value!;
            var state = held.State;
            foreach (var change in news.Batches.SelectMany(batch => batch.Changes))
            {
                state = state.Apply(change.Body.Span, out _);
            }

            var forged = new RegisterValue { Lineage = held.Lineage, Configuration = held.Configuration, Next = held.Next, Position = news.After, Sessions = held.Sessions, State = state };
            return base.Handle(accept with { News = News.Of(forged) }, out reply);
        }
    }
}

/// <summary>An acceptor forgets that the epoch is sealed when it tells what it holds.</summary>
internal sealed class ForgottenSeal : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Forgetful(self);

    private sealed class Forgetful(AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var record = base.Handle(request, out reply);
            if (Acceptor.Value is { Next: not null } held && reply is Promise promise && held.Configuration.Epoch > 0)
            {
                reply = promise with { News = News.Of(Unsealed.Of(held)) };
            }

            return record;
        }
    }
}

/// <summary>Readers look at the old acceptors of a sealed epoch, which answer as if nothing had happened.</summary>
internal sealed class SealedRead : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Stubborn(self);

    private sealed class Stubborn(AcceptorId self) : AcceptorPort(self)
    {
        private (RegisterId Register, Ballot Accepted, RegisterValue Value)? _last;

        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            if (request is Query && _last is { } last && last.Register == request.Register && request.To == Acceptor.Self)
            {
                reply = new Report(last.Accepted, last.Value.Position, News.Of(last.Value)) { From = request.To, Tag = request.Tag };
                return null;
            }

            var record = base.Handle(request, out reply);
            if (Acceptor is { HasSeat: true, Value.Next: not null })
            {
                _last = (Acceptor.Register, Acceptor.AcceptedBallot, Unsealed.Of(Acceptor.Value));
            }

            return record;
        }
    }
}

/// <summary>Puts a value without its seal in the place of a value.</summary>
internal static class Unsealed
{
    public static RegisterValue Of(RegisterValue value) => new()
    {
        Lineage = value.Lineage,
        Configuration = value.Configuration,
        Position = value.Position,
        Sessions = value.Sessions,
        State = value.State,
    };
}

/// <summary>An acceptor that was not installed answers as if it held an empty value.</summary>
internal sealed class ServedTooEarly : Plant
{
    private readonly Dictionary<RegisterId, RegisterValue> _openings = [];

    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Eager(this, node, self);

    public override IEnumerable<AcceptorRequest> Send(AcceptorRequest request)
    {
        if (request is Install { Accepted.IsNone: true } install)
        {
            _openings[install.Register] = install.Value;
        }

        return base.Send(request);
    }

    /// <summary>What an explored acceptor, which is part of no node, knows of an epoch.</summary>
    private (Configuration Configuration, IRegisterState Empty)? Known(RegisterId register) =>
        _openings.TryGetValue(register, out var opening) ? (opening.Configuration, opening.State is Notes ? Notes.None : TableState.Empty) : null;

    private sealed class Eager(ServedTooEarly plant, RegisterNode? node, AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var known = node is null ? plant.Known(request.Register) : node.Proposer.Register == request.Register ? (node.Proposer.Configuration!, TableState.Empty) : null;
            var isEarly = Acceptor.Value is null && request is Prepare or Query && request.To == Acceptor.Self;
            if (!isEarly || known is not { } epoch)
            {
                return base.Handle(request, out reply);
            }

            var value = new RegisterValue
            {
                Lineage = new Lineage(request.Register.Register, Guid.Empty, 0),
                Configuration = epoch.Configuration,
                Position = Position.Origin(epoch.Configuration.Acceptors), // that of an empty register
                Sessions = Sessions.None,
                State = epoch.Empty,
            };
            var record = new InstallRecord(Ballot.None, value);
            Acceptor.Apply(record);
            base.Handle(request, out reply);
            return record;
        }
    }
}

/// <summary>An acceptor lets a second copy of an install undo what it accepted since.</summary>
internal sealed class RepeatedInstall : Plant
{
    public override AcceptorPort Port(RegisterNode node, AcceptorId self) => new Gullible(self);

    private sealed class Gullible(AcceptorId self) : AcceptorPort(self)
    {
        public override AcceptorRecord? Handle(AcceptorRequest request, out AcceptorReply reply)
        {
            var record = base.Handle(request, out reply);
            if (request is Install install && reply is Installed && record is null)
            {
                record = new InstallRecord(install.Accepted, install.Value);
                Acceptor.Apply(record);
            }

            return record;
        }
    }
}
