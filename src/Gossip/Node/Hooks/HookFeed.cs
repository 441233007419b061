using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>The hooks of a node. Whoever has something to tell looks first whether somebody listens, which costs next to nothing.</summary>
internal sealed class HookFeed(ILogger logger)
{
    private readonly Lock _gate = new();
    private ImmutableArray<HookEntry> _entries = [];
    private ViewFeed? _views;
    private bool _completed;
    private long _dropped;
    private volatile bool _wantsHandlers;
    private volatile bool _wantsWarnings;

    /// <summary>For messaging without a node.</summary>
    public static HookFeed None { get; } = new(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    public bool WantsHandlers => _wantsHandlers;

    public bool WantsWarnings => _wantsWarnings;

    /// <summary>Events that no slow hook has seen.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public IDisposable Add<TEvent>(Func<TEvent, CancellationToken, ValueTask> hook)
        where TEvent : NodeEvent
    {
        var entry = new HookEntry(this, typeof(TEvent), (happened, token) => hook((TEvent)happened, token), logger);
        lock (_gate)
        {
            _entries = _entries.Add(entry);
            Look();
            if (_views is not null && entry.Wants(typeof(MemberChanged)))
            {
                entry.Watch(_views);
            }

            if (_completed)
            {
                entry.Complete();
            }
        }

        return entry;
    }

    public void Remove(HookEntry entry)
    {
        lock (_gate)
        {
            _entries = _entries.Remove(entry);
            Look();
        }
    }

    public void Publish(NodeEvent happened)
    {
        foreach (var entry in _entries)
        {
            if (entry.Wants(happened.GetType()))
            {
                entry.Offer(happened);
            }
        }
    }

    /// <summary>Whether an event would be told to anybody, so that none is made in vain.</summary>
    public bool Wants<TEvent>()
        where TEvent : NodeEvent => _entries.Any(static entry => entry.Wants(typeof(TEvent)));

    /// <summary>A life of the node begins: its members are told to those who want to hear of them.</summary>
    public void Watch(ViewFeed views)
    {
        lock (_gate)
        {
            _views = views;
            foreach (var entry in _entries.Where(static entry => entry.Wants(typeof(MemberChanged))))
            {
                entry.Watch(views);
            }
        }
    }

    /// <summary>The node has stopped.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            foreach (var entry in _entries)
            {
                entry.Complete();
            }
        }
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    private void Look()
    {
        _wantsHandlers = Wants<HandlerStarted>() || Wants<HandlerEnded>();
        _wantsWarnings = Wants<NodeWarned>();
    }
}
