using System.Threading.Channels;

namespace Gossip;

/// <summary>
/// A node's messages as channels, for those who like it so: what arrives is read from <see cref="Inbox"/>, what is to be sent is written to <see cref="Outbox"/>, and what could not be sent is read from <see cref="Errors"/>.
/// Made by <see cref="GossipNode.OpenChannels"/>; all members may be called from any thread.
/// </summary>
public sealed class GossipChannels : IAsyncDisposable
{
    /// <summary>How many messages each channel holds.</summary>
    public const int Capacity = 1024;

    /// <summary>How many messages of the outbox are under way at once: an answer that takes long holds up no more than its own place.</summary>
    private const int Concurrency = 64;

    /// <summary>A reader of a channel expects one sender's messages in the order in which they were sent.</summary>
    private static readonly HandlerOptions InOrder = new() { Ordering = MessageOrdering.BySender };

    private readonly GossipNode _node;
    private readonly Channel<MessageContext> _inbox = Channel.CreateBounded<MessageContext>(Capacity);
    private readonly Channel<OutgoingMessage> _outbox = Channel.CreateBounded<OutgoingMessage>(Capacity);
    private readonly Channel<UnsentMessage> _errors =
        Channel.CreateBounded<UnsentMessage>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly List<IDisposable> _handlers = [];
    private readonly Task _sending;

    internal GossipChannels(GossipNode node, IEnumerable<int> types)
    {
        _node = node;
        try
        {
            foreach (var type in types)
            {
                _handlers.Add(node.Messages.Handle(type, _inbox.Writer.WriteAsync, InOrder));
            }
        }
        catch
        {
            RemoveHandlers();
            throw;
        }

        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>What arrives; reliable messages of one sender and one type in the order in which they were sent. While it is full handlers wait, so that senders of reliable messages are told only of what is in it; what no handler has room for is refused.</summary>
    public ChannelReader<MessageContext> Inbox => _inbox.Reader;

    /// <summary>What is to be sent. While it is full writers wait.</summary>
    public ChannelWriter<OutgoingMessage> Outbox => _outbox.Writer;

    /// <summary>What could not be sent. When nobody reads it the oldest go.</summary>
    public ChannelReader<UnsentMessage> Errors => _errors.Reader;

    /// <summary>The life of the node.</summary>
    public NodeInstance Self => _node.Instance;

    /// <summary>The members that take part, with this node.</summary>
    public IEnumerable<ClusterMember> Members => _node.View.Present;

    /// <inheritdoc cref="GossipNode.JoinAsync"/>
    public Task<IReadOnlyList<JoinResult>> ConnectAsync(IEnumerable<string> addresses, CancellationToken cancellationToken = default) =>
        _node.JoinAsync(addresses, cancellationToken);

    /// <inheritdoc cref="GossipNode.LeaveAsync"/>
    public Task LeaveAsync(CancellationToken cancellationToken = default) => _node.LeaveAsync(cancellationToken);

    /// <summary>Takes nothing more, sends what is in the outbox, and completes all three channels. The node goes on.</summary>
    /// <returns>A task that ends when what was in the outbox has been sent, or has failed.</returns>
    public async ValueTask DisposeAsync()
    {
        RemoveHandlers();
        _outbox.Writer.TryComplete();
        _inbox.Writer.TryComplete(); // handlers that wait for room end with an error, which their senders hear
        await _sending.ConfigureAwait(false);
    }

    private void RemoveHandlers() => _handlers.ForEach(static handler => handler.Dispose());

    private async Task SendAllAsync()
    {
        using var places = new SemaphoreSlim(Concurrency, Concurrency);
        await foreach (var message in _outbox.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await places.WaitAsync().ConfigureAwait(false);
            _ = SendAsync(message, places);
        }

        for (var i = 0; i < Concurrency; i++)
        {
            await places.WaitAsync().ConfigureAwait(false); // every place is free again
        }

        _errors.Writer.TryComplete();
    }

    private async Task SendAsync(OutgoingMessage message, SemaphoreSlim places)
    {
        try
        {
            var result = await _node.Messages.SendAsync(message.Target, message.Type, message.Payload, message.Options).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                _errors.Writer.TryWrite(new UnsentMessage(message, [.. result.Targets.Where(static target => !target.Succeeded)], null));
            }
        }
        catch (Exception error)
        {
            _errors.Writer.TryWrite(new UnsentMessage(message, [], error));
        }
        finally
        {
            places.Release();
        }
    }
}
