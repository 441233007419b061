using Gossip.Diagnostics;
using Gossip.Membership;
using Gossip.Messaging;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>Carries orders about keys between members, as requests of the engine: no middleware and no hook sees what is in them.</summary>
internal sealed class KeyCourier : IKeyCluster
{
    /// <summary>The message type number of an order, among those of the engine. The reply is a <see cref="KeyReport"/>.</summary>
    public const int OrderType = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly GossipNode _node;
    private readonly bool _allowsChanges;
    private readonly ILogger _logger;

    public KeyCourier(GossipNode node, bool allowsChanges, ILogger logger)
    {
        (_node, _allowsChanges, _logger) = (node, allowsChanges, logger);
        node.Messages.Add(OrderType, MessageVerb.Request, (context, _) => ValueTask.FromResult(OnOrder(context)));
    }

    public NodeInstance Self => _node.Instance;

    public IReadOnlyList<NodeInstance> Others => [.. _node.View.Members.Where(member => member is { IsPresent: true, IsLocal: false }).Select(member => member.Instance)];

    public async Task<(KeyReport? Report, GossipException? Error)> AskAsync(NodeInstance member, KeyOrder order, CancellationToken cancellationToken)
    {
        if (_node.View.Find(member.Id) is { } known && known.Instance == member && !known.Features.Contains(FeatureNames.KeyChanges, StringComparer.Ordinal))
        {
            return (null, Ununderstood(member));
        }

        var (target, answer) = await _node.Messages.AskAsync(member.Id, OrderType, MessagePayload.FromBytes(order.Encode()), Patience, cancellationToken).ConfigureAwait(false);
        return answer.Outcome switch
        {
            SendOutcome.Handled when KeyReport.Read(answer.Reply.Encoded.Span) is { } report => (report, null),
            SendOutcome.Handled or SendOutcome.NoHandler => (null, Ununderstood(target)),
            SendOutcome.TimedOut => (null, new RequestTimeoutException(target, Patience)),
            SendOutcome.Unreachable or SendOutcome.Left => (null, new MemberUnreachableException(target, answer.Error)),
            _ => (null, new GossipKeyException($"{target} refused: {answer.Error}")),
        };
    }

    private static GossipKeyException Ununderstood(NodeInstance member) => new($"{member} does not understand orders about keys: it has another version of the library.");

    private MessagePayload OnOrder(MessageContext context)
    {
        // Without keys nothing says that the sender may even speak, and a key would have come in plaintext.
        if (_node.Keys.Primary is null)
        {
            throw new AnswerException(Answer.Refused("packets of this cluster travel as plaintext"));
        }

        if (!KeyOrder.TryRead(context.Payload.Encoded.Span, out var order, out var obstacle))
        {
            throw new AnswerException(Answer.Refused("malformed order about keys"));
        }

        var report = _node.Keys.Carry(order, obstacle, _allowsChanges, out var refusal);
        if (order.Action != KeyAction.List)
        {
            var key = RingKey.IdText(RingKey.IdOf(order.Fingerprint));
            if (refusal is null)
            {
                GossipLog.KeysChanged(_logger, context.Sender, order.Action, key, _node.Keys);
            }
            else
            {
                GossipLog.KeyChangeRefused(_logger, context.Sender, order.Action, key, refusal);
            }
        }

        return MessagePayload.FromBytes(report);
    }
}
