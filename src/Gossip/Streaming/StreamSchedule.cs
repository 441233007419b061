using System.Diagnostics.CodeAnalysis;

namespace Gossip.Streaming;

/// <summary>Whose turn it is on a connection: first those with something urgent, then one after the other, each for one frame.</summary>
/// <typeparam name="T">What stands for a stream.</typeparam>
internal sealed class StreamSchedule<T>
    where T : class
{
    private readonly Row _urgent = new();
    private readonly Row _bulk = new();

    /// <summary>Puts a stream at the end of a row, unless it stands there.</summary>
    public void Add(T stream, bool urgent) => (urgent ? _urgent : _bulk).Add(stream);

    /// <summary>Whose turn it is.</summary>
    public bool TryPeek([NotNullWhen(true)] out T? stream) => _urgent.TryPeek(out stream) || _bulk.TryPeek(out stream);

    /// <summary>Takes away whose turn it was.</summary>
    public void Remove()
    {
        if (!_urgent.Remove())
        {
            _bulk.Remove();
        }
    }

    private sealed class Row
    {
        private readonly Queue<T> _queue = new();
        private readonly HashSet<T> _members = [];

        public void Add(T stream)
        {
            if (_members.Add(stream))
            {
                _queue.Enqueue(stream);
            }
        }

        public bool TryPeek([NotNullWhen(true)] out T? stream) => _queue.TryPeek(out stream!);

        public bool Remove() => _queue.TryDequeue(out var stream) && _members.Remove(stream);
    }
}
