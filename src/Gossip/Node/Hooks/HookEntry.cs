using System.Threading.Channels;
using Gossip.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>One hook with a queue of its own, so that one that is slow, hangs or throws harms neither the node nor another hook.</summary>
internal sealed class HookEntry : IDisposable
{
    /// <summary>How many events wait for a slow hook; then the oldest go.</summary>
    private const int Capacity = 1024;

    /// <summary>How many bytes of messages wait with the events about them; then newer ones go.</summary>
    private const long MaxBytes = 16 << 20;

    private readonly Channel<NodeEvent> _queue;
    private readonly CancellationTokenSource _removed = new();
    private readonly HookFeed _feed;
    private readonly ILogger _logger;
    private readonly Func<NodeEvent, CancellationToken, ValueTask> _hook;
    private long _bytes;

    public HookEntry(HookFeed feed, Type kind, Func<NodeEvent, CancellationToken, ValueTask> hook, ILogger logger)
    {
        (_feed, Kind, _hook, _logger) = (feed, kind, hook, logger);
        _queue = Channel.CreateBounded<NodeEvent>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, OnDropped);
        _ = Task.Run(RunAsync);
    }

    /// <summary>The events that it takes: of this type, and those derived from it.</summary>
    public Type Kind { get; }

    public bool Wants(Type kind) => Kind.IsAssignableFrom(kind);

    public void Offer(NodeEvent happened)
    {
        if (Interlocked.Add(ref _bytes, SizeOf(happened)) > MaxBytes)
        {
            OnDropped(happened);
        }
        else
        {
            _queue.Writer.TryWrite(happened);
        }
    }

    /// <summary>Takes the members of a life of the node from now on.</summary>
    public void Watch(ViewFeed views) => _ = Task.Run(() => WatchAsync(views));

    /// <summary>Nothing more happens: the hook gets what is in the queue.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    public void Dispose()
    {
        _feed.Remove(this);
        Complete();
        _removed.Cancel();
    }

    private static long SizeOf(NodeEvent happened) => happened switch
    {
        HandlerStarted started => started.Context.Size,
        HandlerEnded ended => ended.Context.Size,
        _ => 0,
    };

    private void OnDropped(NodeEvent happened)
    {
        Interlocked.Add(ref _bytes, -SizeOf(happened));
        _feed.CountDropped();
    }

    private async Task RunAsync()
    {
        await foreach (var happened in _queue.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (_removed.IsCancellationRequested)
            {
                return;
            }

            Interlocked.Add(ref _bytes, -SizeOf(happened));
            try
            {
                await _hook(happened, _removed.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_removed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                GossipLog.HookFailed(_logger, happened.GetType().Name, error);
            }
        }
    }

    private async Task WatchAsync(ViewFeed views)
    {
        try
        {
            await foreach (var change in views.ReadChangesAsync(_removed.Token).ConfigureAwait(false))
            {
                Offer(new MemberChanged(change));
            }
        }
        catch (OperationCanceledException)
        {
            // It was removed.
        }
    }
}
