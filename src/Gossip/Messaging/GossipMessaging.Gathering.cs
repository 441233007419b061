using System.Runtime.CompilerServices;

namespace Gossip;

/// <content>Requests to several members at once.</content>
public sealed partial class GossipMessaging
{
    /// <summary>
    /// Asks all that a target has at once, and tells of each reply as it comes. Each member that the target has at this moment comes exactly once: with its reply, or with the error; at the latest when
    /// <see cref="RequestOptions.Timeout"/> is over, so what came until then is a partial result. Ending the enumeration early gives up the rest, whose handlers' tokens fire.
    /// </summary>
    /// <typeparam name="TRequest">The type of the request; registered.</typeparam>
    /// <typeparam name="TReply">The type of the replies; registered.</typeparam>
    /// <param name="target">Whom to ask. The node itself is never asked.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">How it is sent. Default: within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up what has not been answered.</param>
    /// <returns>The replies and errors, in the order in which they come.</returns>
    /// <exception cref="MessageTypeException">A type is not registered.</exception>
    /// <exception cref="PayloadException">The request cannot be encoded.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<GatheredReply<TReply>> RequestEachAsync<TRequest, TReply>(
        Target target, TRequest request, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        _ = _types.NumberOf<TReply>();
        var (type, payload) = _types.Encode(request);
        return GatherAsync<TReply>(target, type, payload, reply => _types.Decode<TReply>(reply), options, cancellationToken);
    }

    /// <summary>As <see cref="RequestEachAsync{TRequest, TReply}"/>, under a type number.</summary>
    /// <param name="target">Whom to ask. The node itself is never asked.</param>
    /// <param name="type">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
    /// <param name="payload">The content of the request.</param>
    /// <param name="options">How it is sent. Default: within 5 seconds.</param>
    /// <param name="cancellationToken">Gives up what has not been answered.</param>
    /// <returns>The replies and errors, in the order in which they come.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    /// <exception cref="GossipStoppedException">The node is stopping; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<GatheredReply<MessagePayload>> RequestEachAsync(
        Target target, int type, MessagePayload payload, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return GatherAsync(target, MessageTypeNumber.Checked(type), payload, static reply => reply, options, cancellationToken);
    }

    private async IAsyncEnumerable<GatheredReply<TReply>> GatherAsync<TReply>(
        Target target,
        int type,
        MessagePayload payload,
        Func<MessagePayload, TReply> decode,
        RequestOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfStopping();
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = target.Select(_host).Select(recipient => AskAsync(recipient.Instance, rest.Token)).ToArray();
        try
        {
            await foreach (var answered in Task.WhenEach(asked).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                yield return await answered.ConfigureAwait(false);
            }
        }
        finally
        {
            await rest.CancelAsync().ConfigureAwait(false);
        }

        async Task<GatheredReply<TReply>> AskAsync(NodeInstance member, CancellationToken token)
        {
            try
            {
                return new GatheredReply<TReply>(member, decode(await RequestCoreAsync(member.Id, type, payload, options, token).ConfigureAwait(false)));
            }
            catch (GossipException error)
            {
                return new GatheredReply<TReply>(member, error);
            }
        }
    }
}
