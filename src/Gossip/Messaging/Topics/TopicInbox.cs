using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Gossip.Messaging;

namespace Gossip;

/// <summary>
/// The publications of a subscription, to be read one after the other. It holds a bounded number; what has no room is refused, and its publisher is told. A publication counts as handled once it is in the inbox.
/// Made by <see cref="GossipTopics.OpenInboxAsync"/>; ended by disposing.
/// </summary>
public sealed class TopicInbox : IAsyncEnumerable<MessageContext>, IAsyncDisposable
{
    internal const string Full = "the inbox of the subscription is full";

    private readonly Consumer _consumer;
    private readonly CancellationTokenRegistration _ending;
    private IAsyncDisposable? _subscription;

    internal TopicInbox(int capacity, long maxBytes, CancellationToken stopped)
    {
        _consumer = new Consumer(capacity, maxBytes);
        _ending = stopped.UnsafeRegister(static consumer => ((Consumer)consumer!).Complete(), _consumer);
    }

    /// <summary>How many publications wait to be read.</summary>
    public int Count => _consumer.Count;

    internal ITopicConsumer Messages => _consumer;

    /// <summary>The publications as they come, until the inbox is disposed or its node stops; what is in it then still comes. Several readers share them.</summary>
    /// <param name="cancellationToken">Ends the enumeration; the subscription goes on.</param>
    /// <returns>The publications.</returns>
    public async IAsyncEnumerator<MessageContext> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var context in _consumer.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return context;
        }
    }

    /// <summary>Ends the subscription, as disposing of any other does, and then the enumerations.</summary>
    /// <returns>A task that ends when the members know, or did not answer in time.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _subscription, null) is { } subscription)
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }

        await _ending.DisposeAsync().ConfigureAwait(false);
        _consumer.Complete();
    }

    internal void Attach(IAsyncDisposable subscription) => _subscription = subscription;

    /// <summary>Counts places and bytes before anything is put in, so that what was promised a place has one.</summary>
    private sealed class Consumer(int capacity, long maxBytes) : ITopicConsumer
    {
        private readonly Lock _gate = new();
        private readonly Channel<MessageContext> _channel = Channel.CreateUnbounded<MessageContext>();
        private int _count;
        private long _bytes;

        public int Count => _channel.Reader.Count;

        public bool TryReserve(int size)
        {
            lock (_gate)
            {
                if (_count == capacity || _bytes + size > maxBytes)
                {
                    return false;
                }

                _count++;
                _bytes += size;
                return true;
            }
        }

        public void Release(int size)
        {
            lock (_gate)
            {
                _count--;
                _bytes -= size;
            }
        }

        public ValueTask<MessagePayload> HandleAsync(MessageContext context, CancellationToken cancellationToken) =>
            _channel.Writer.TryWrite(context) ? default : throw new AnswerException(new Answer(SendOutcome.NoHandler, "the subscription has ended"));

        public void Complete() => _channel.Writer.TryComplete();

        public async IAsyncEnumerable<MessageContext> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var context in _channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                Release(context.Size);
                yield return context;
            }
        }
    }
}
