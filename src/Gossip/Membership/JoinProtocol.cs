using Gossip.Dissemination;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// How a node enters: it presents itself over a stream, the other side checks versions on its part, both take each other's
/// statement, and the newcomer then compares views with the one that let it in.
/// </summary>
internal sealed class JoinProtocol(EngineContext context, MembershipRules rules, Action<NodeEndpoint> compare)
{
    private const int TokenField = 1;
    private const int MinVersionField = 2;
    private const int MaxVersionField = 3;
    private const int ApplicationVersionField = 4;
    private const int StatementField = 5;
    private const int StatusField = 6;
    private const int GenerationField = 7;
    private const int MaxApplicationVersionBytes = 256;
    private const int MaxPending = 4096;

    private readonly Dictionary<long, Pending> _pending = [];

    public long NextDeadline
    {
        get
        {
            var next = long.MaxValue;
            foreach (var pending in _pending.Values)
            {
                next = Math.Min(next, pending.Deadline);
            }

            return next;
        }
    }

    /// <summary>Asks whoever listens at an endpoint to let this node in. The answer comes as an event with the same token.</summary>
    public void Join(in NodeEndpoint endpoint, long token)
    {
        if (_pending.Count >= MaxPending)
        {
            Settle(token, endpoint, JoinStatus.Full, default);
            return;
        }

        _pending[token] = new Pending(endpoint, context.Now.Ticks + context.Timing.JoinTimeout.Ticks);
        var writer = context.Packets.BeginFrame();
        var mark = writer.Begin((int)MessageKind.JoinRequest);
        writer.Number(TokenField, (ulong)token);
        writer.Number(MinVersionField, PacketHeader.MinVersion);
        writer.Number(MaxVersionField, PacketHeader.CurrentVersion);
        writer.Text(ApplicationVersionField, context.Options.ApplicationVersion);
        WriteSelf(ref writer);
        writer.End(mark);
        var nothing = default(FactsPosition);
        FactsMessage.Write(ref writer, context.Self, ref nothing);
        context.Packets.Stream(ref writer, endpoint);
    }

    public void OnTick()
    {
        foreach (var (token, pending) in _pending)
        {
            if (pending.Deadline <= context.Now.Ticks)
            {
                _pending.Remove(token);
                Settle(token, pending.Endpoint, JoinStatus.TimedOut, default);
            }
        }
    }

    /// <summary>A stream to an endpoint could not be opened, or broke.</summary>
    public void OnUndeliverable(in NodeEndpoint endpoint)
    {
        foreach (var (token, pending) in _pending)
        {
            if (pending.Endpoint == endpoint)
            {
                _pending.Remove(token);
                Settle(token, endpoint, JoinStatus.Unreachable, default);
            }
        }
    }

    public void Stop()
    {
        foreach (var (token, pending) in _pending)
        {
            _pending.Remove(token);
            Settle(token, pending.Endpoint, JoinStatus.Stopped, default);
        }
    }

    /// <summary>Decides about a newcomer. Whatever the decision, it is told.</summary>
    public void OnRequest(ReadOnlySpan<byte> body, in PacketHeader header, in PacketSource source)
    {
        ulong token = 0, minVersion = 0, maxVersion = 0;
        var applicationVersion = "";
        ReadOnlySpan<byte> statementBytes = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case TokenField:
                    reader.Read(ref token);
                    break;
                case MinVersionField:
                    reader.Read(ref minVersion);
                    break;
                case MaxVersionField:
                    reader.Read(ref maxVersion);
                    break;
                case ApplicationVersionField:
                    reader.Read(ref applicationVersion, MaxApplicationVersionBytes);
                    break;
                case StatementField:
                    reader.Read(ref statementBytes);
                    break;
            }
        }

        if (reader.Malformed || !source.IsStream || !MemberStatement.TryRead(statementBytes, out var statement) || statement.Subject != header.Sender)
        {
            return;
        }

        var status = Decide(statement, header, minVersion, maxVersion, applicationVersion, out var knownGeneration);
        if (status == JoinStatus.Accepted)
        {
            rules.Apply(statement, header.Sender.Id);
            if (!context.Table.TryFind(header.Sender.Id, out _))
            {
                status = JoinStatus.Full;
            }
        }

        var writer = context.Packets.BeginDatagram();
        var mark = writer.Begin((int)MessageKind.JoinReply);
        writer.Number(TokenField, token);
        writer.Number(MinVersionField, PacketHeader.MinVersion);
        writer.Number(MaxVersionField, PacketHeader.CurrentVersion);
        writer.Number(StatusField, (int)status);
        writer.Number(GenerationField, knownGeneration);
        writer.Text(ApplicationVersionField, context.Options.ApplicationVersion);
        if (status == JoinStatus.Accepted)
        {
            WriteSelf(ref writer);
        }

        writer.End(mark);
        context.Packets.Reply(ref writer, source, null);
    }

    /// <summary>Takes the answer to a join. True when this node was let in.</summary>
    public bool OnReply(ReadOnlySpan<byte> body, in PacketHeader header)
    {
        ulong token = 0, generation = 0, minVersion = 0, maxVersion = 0;
        var status = 0;
        var applicationVersion = "";
        ReadOnlySpan<byte> statementBytes = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case TokenField:
                    reader.Read(ref token);
                    break;
                case MinVersionField:
                    reader.Read(ref minVersion);
                    break;
                case MaxVersionField:
                    reader.Read(ref maxVersion);
                    break;
                case ApplicationVersionField:
                    reader.Read(ref applicationVersion, MaxApplicationVersionBytes);
                    break;
                case StatusField:
                    reader.Read(ref status);
                    break;
                case GenerationField:
                    reader.Read(ref generation);
                    break;
                case StatementField:
                    reader.Read(ref statementBytes);
                    break;
            }
        }

        if (reader.Malformed || !_pending.TryGetValue((long)token, out var pending))
        {
            return false;
        }

        if ((JoinStatus)status == JoinStatus.Accepted && !AreVersionsAcceptable(minVersion, maxVersion, applicationVersion))
        {
            status = (int)JoinStatus.VersionMismatch; // both sides check: this one does not want in
        }
        else if ((JoinStatus)status == JoinStatus.Accepted)
        {
            if (header.ClusterHash != context.Options.ClusterHash
                || !MemberStatement.TryRead(statementBytes, out var statement)
                || statement.Subject != header.Sender)
            {
                return false;
            }

            rules.Apply(statement, header.Sender.Id);
            compare(pending.Endpoint);
        }

        _pending.Remove((long)token);
        if ((JoinStatus)status == JoinStatus.StaleGeneration && generation < MemberStatement.MaxGeneration)
        {
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.GenerationOutdated) { Generation = generation, Endpoint = pending.Endpoint });
        }

        Settle((long)token, pending.Endpoint, (JoinStatus)status, header.Sender);
        return (JoinStatus)status == JoinStatus.Accepted;
    }

    private JoinStatus Decide(
        in MemberStatement statement, in PacketHeader header, ulong minVersion, ulong maxVersion, string applicationVersion, out ulong knownGeneration)
    {
        knownGeneration = 0;
        if (header.ClusterHash != context.Options.ClusterHash)
        {
            return JoinStatus.ClusterMismatch;
        }

        if (!AreVersionsAcceptable(minVersion, maxVersion, applicationVersion))
        {
            return JoinStatus.VersionMismatch;
        }

        if (header.Sender.Id == context.Self.Id)
        {
            return header.Sender == context.Self.Instance ? JoinStatus.Self : JoinStatus.DuplicateId;
        }

        if (!context.Table.TryFind(header.Sender.Id, out var known))
        {
            return JoinStatus.Accepted;
        }

        if (known.Instance.Generation > header.Sender.Generation)
        {
            knownGeneration = known.Instance.Generation;
            return JoinStatus.StaleGeneration;
        }

        // The same identity from another address while the first is well: two processes with one identity, not a restart.
        return known.State == MemberState.Alive && known.Endpoint != statement.Endpoint && known.Instance != header.Sender
            ? JoinStatus.DuplicateId
            : JoinStatus.Accepted;
    }

    private bool AreVersionsAcceptable(ulong minVersion, ulong maxVersion, string applicationVersion) =>
        maxVersion >= PacketHeader.MinVersion
        && minVersion <= PacketHeader.CurrentVersion
        && context.Options.AcceptsApplicationVersion?.Invoke(applicationVersion) != false;

    private void WriteSelf(ref WireWriter writer)
    {
        var mark = writer.Begin(StatementField);
        context.Self.ToStatement(context.Now.Ticks, history: false).WriteFields(ref writer);
        writer.End(mark);
    }

    private void Settle(long token, in NodeEndpoint endpoint, JoinStatus status, NodeInstance by) =>
        context.Outbox.Events.Add(new EngineEvent(EngineEventKind.JoinSettled) { Token = token, Endpoint = endpoint, Status = status, Subject = by });

    private readonly record struct Pending(NodeEndpoint Endpoint, long Deadline);
}
