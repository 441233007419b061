using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>Middleware in the order of registration. It may change at any time; a message that is under way goes on through what was there when it started.</summary>
internal sealed class Chain<TMiddleware>
    where TMiddleware : Delegate
{
    private ImmutableArray<Entry> _entries = [];

    public ImmutableArray<Entry> Entries => _entries;

    /// <summary>Adds a middleware behind those that are there, until the result is disposed.</summary>
    public IDisposable Add(TMiddleware middleware)
    {
        var entry = new Entry(this, middleware);
        ImmutableInterlocked.Update(ref _entries, entries => entries.Add(entry));
        return entry;
    }

    /// <summary>One place in the chain: the same middleware may have several.</summary>
    internal sealed class Entry(Chain<TMiddleware> chain, TMiddleware middleware) : IDisposable
    {
        public TMiddleware Middleware => middleware;

        public void Dispose() => ImmutableInterlocked.Update(ref chain._entries, entries => entries.Remove(this));
    }
}
