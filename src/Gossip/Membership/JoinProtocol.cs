using Gossip.Dissemination;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// How a node enters: it asks over a stream, and the other side checks versions on its part and answers. The newcomer checks the answer; if it
/// still wants in, it presents itself, and compares views with the one that let it in. Until then nobody has heard of it: who asks and then
/// stays away, or floods with requests, leaves nothing behind.
/// </summary>
internal sealed class JoinProtocol(EngineContext context, MembershipRules rules, Action<NodeEndpoint> compare)
{
    private const int MaxPending = 4096;

    private readonly Dictionary<long, Pending> _pending = [];

    /// <summary>Who was let in and has not presented itself yet: the last place must not be given to two. Never more than the table has room for.</summary>
    private readonly Dictionary<NodeId, long> _admitted = [];

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
        var writer = context.Packets.BeginFrame(JoinMessage.MaxPacketSize);
        JoinMessage.Write(ref writer, MessageKind.JoinRequest, (ulong)token, default, 0, context.Versions, context.Options.ApplicationVersion, Self());
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
        if (!source.IsStream || !JoinMessage.TryRead(body, out var request) || !request.TryReadStatement(header.Sender, out var statement))
        {
            return;
        }

        var status = Decide(request, statement, header, out var knownGeneration, out var reason);
        if (status == JoinStatus.DuplicateId)
        {
            WarnHolder(statement);
        }
        else if (reason is not null)
        {
            Refused(statement.Subject, statement.Endpoint, reason);
        }

        var writer = context.Packets.BeginFrame(JoinMessage.MaxPacketSize);
        JoinMessage.Write(
            ref writer,
            MessageKind.JoinReply,
            (ulong)request.Token,
            status,
            knownGeneration,
            context.Versions,
            context.Options.ApplicationVersion,
            status == JoinStatus.Accepted ? Self() : null);
        context.Packets.Reply(ref writer, source, null);
    }

    /// <summary>Takes the answer to a join. True when this node was let in.</summary>
    public bool OnReply(ReadOnlySpan<byte> body, in PacketHeader header)
    {
        if (!JoinMessage.TryRead(body, out var reply))
        {
            return false;
        }

        if (!_pending.TryGetValue(reply.Token, out var pending))
        {
            OnDeclined(reply, header);
            return false;
        }

        var status = reply.Status;
        var reason = status == JoinStatus.VersionMismatch ? WhyRefused(reply) : null;
        if (status == JoinStatus.Accepted && Mismatch(reply, "the node there") is { } mismatch)
        {
            (status, reason) = (JoinStatus.VersionMismatch, mismatch); // both sides check: this one does not want in
            Decline(reply.Token, pending.Endpoint);
        }
        else if (status == JoinStatus.Accepted)
        {
            if (header.ClusterHash != context.Options.ClusterHash || !reply.TryReadStatement(header.Sender, out var statement))
            {
                return false;
            }

            context.Agree(reply.Versions);
            rules.Apply(statement, header.Sender.Id);
            if (!context.Options.IsClient)
            {
                Present(pending.Endpoint);
            }

            compare(pending.Endpoint);
        }

        _pending.Remove(reply.Token);
        if (status == JoinStatus.StaleGeneration && reply.Generation < MemberStatement.MaxGeneration)
        {
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.GenerationOutdated) { Generation = reply.Generation, Endpoint = pending.Endpoint });
        }

        Settle(reply.Token, pending.Endpoint, status, header.Sender, reason);
        return status == JoinStatus.Accepted;
    }

    private JoinStatus Decide(in JoinMessage request, in MemberStatement statement, in PacketHeader header, out ulong knownGeneration, out string? reason)
    {
        (knownGeneration, reason) = (0, null);
        if (header.ClusterHash != context.Options.ClusterHash)
        {
            reason = "it belongs to another cluster. Give both the same ClusterName and ServiceId, or take this node's address out of its seeds";
            return JoinStatus.ClusterMismatch;
        }

        if (context.Self.State == MemberState.Joining && context.Options.Versions.With(request.Versions) != context.Options.Versions)
        {
            // It would fit this node, but perhaps not those that this node is about to join: then it would stand between two clusters that cannot be one.
            return JoinStatus.NotReady;
        }

        if (Mismatch(request, "it") is { } mismatch)
        {
            reason = mismatch;
            return JoinStatus.VersionMismatch;
        }

        if (header.Sender.Id == context.Self.Id)
        {
            return header.Sender == context.Self.Instance ? JoinStatus.Self : JoinStatus.DuplicateId;
        }

        if (!context.Table.TryFind(header.Sender.Id, out var known))
        {
            if (statement.IsOfClient || TryAdmit(header.Sender.Id))
            {
                return JoinStatus.Accepted;
            }

            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.TableFull) { Subject = statement.Subject, Endpoint = statement.Endpoint });
            return JoinStatus.Full;
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

    /// <summary>Keeps a place for as long as the newcomer may take to present itself.</summary>
    private bool TryAdmit(NodeId newcomer)
    {
        var now = context.Now.Ticks;
        foreach (var (id, until) in _admitted)
        {
            if (until <= now || id == newcomer || context.Table.TryFind(id, out _))
            {
                _admitted.Remove(id);
            }
        }

        return context.Table.Room > _admitted.Count && _admitted.TryAdd(newcomer, now + context.Timing.JoinTimeout.Ticks);
    }

    /// <summary>The first words of a newcomer: only now do others learn of it.</summary>
    private void Present(in NodeEndpoint host)
    {
        var writer = context.Packets.BeginFrame();
        Self().Write(ref writer);
        var nothing = default(FactsPosition);
        FactsMessage.Write(ref writer, context.Self, ref nothing);
        context.Packets.Stream(ref writer, host);
    }

    /// <summary>The process that has the identity must hear of the second one too: whoever looks for the mistake may look there.</summary>
    private void WarnHolder(in MemberStatement second)
    {
        if (second.Subject.Id == context.Self.Id)
        {
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.IdentityConflict) { Subject = second.Subject, Endpoint = second.Endpoint });
        }
        else if (context.Table.TryFind(second.Subject.Id, out var holder))
        {
            var writer = context.Packets.BeginDatagram();
            second.Write(ref writer);
            context.Packets.SendTo(ref writer, holder);
        }
    }

    /// <summary>Why this side does not want to be in a cluster with the other one; null when it does.</summary>
    private string? Mismatch(in JoinMessage other, string who)
    {
        if (context.Versions.With(other.Versions).IsEmpty)
        {
            return Ranges(other);
        }

        return context.Options.AcceptsApplicationVersion?.Invoke(other.ApplicationVersion) == false
            ? $"{who} runs application version '{Printable(other.ApplicationVersion)}', which AcceptApplicationVersion does not accept here"
            : null;
    }

    /// <summary>What the other side does not say, but what follows from its versions.</summary>
    private string WhyRefused(in JoinMessage reply) => context.Versions.With(reply.Versions).IsEmpty
        ? Ranges(reply)
        : $"the node there, of application version '{Printable(reply.ApplicationVersion)}', does not accept '{Printable(context.Options.ApplicationVersion)}', which is this node's";

    private string Ranges(in JoinMessage other) =>
        $"no version of the protocol is understood on both sides: this one, with all members that it knows, reads {context.Versions}, the other one {other.Versions}";

    /// <summary>Tells the host that nobody comes, and why it hears no more: the place that it keeps is free.</summary>
    private void Decline(long token, in NodeEndpoint host)
    {
        var writer = context.Packets.BeginDatagram();
        JoinMessage.Write(
            ref writer, MessageKind.JoinReply, (ulong)token, JoinStatus.VersionMismatch, 0, context.Versions, context.Options.ApplicationVersion, null);
        context.Packets.Stream(ref writer, host);
    }

    /// <summary>A newcomer that was let in does not want to come.</summary>
    private void OnDeclined(in JoinMessage word, in PacketHeader header)
    {
        if (word.Status == JoinStatus.VersionMismatch && header.ClusterHash == context.Options.ClusterHash && _admitted.Remove(header.Sender.Id))
        {
            Refused(header.Sender, default, $"it does not want to be in a cluster with this one: {WhyRefused(word)}");
        }
    }

    private void Refused(NodeInstance newcomer, in NodeEndpoint endpoint, string reason) =>
        context.Outbox.Events.Add(new EngineEvent(EngineEventKind.NewcomerRefused) { Subject = newcomer, Endpoint = endpoint, Reason = reason });

    /// <summary>What strangers write gets into a log, and must not break its lines.</summary>
    private static string Printable(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private MemberStatement Self() => context.Self.ToStatement(context.Now.Ticks, history: false);

    private void Settle(long token, in NodeEndpoint endpoint, JoinStatus status, NodeInstance by, string? reason = null) =>
        context.Outbox.Events.Add(new EngineEvent(EngineEventKind.JoinSettled) { Token = token, Endpoint = endpoint, Status = status, Subject = by, Reason = reason });

    private readonly record struct Pending(NodeEndpoint Endpoint, long Deadline);
}
