namespace Gossip.Tables;

/// <summary>
/// The writes of one node, in a line for each version that they expect. Versions only rise: who expects one that was passed has lost, and need not ask anybody; and of several who expect the same one at most one can win,
/// so one is asked for at a time. They are answered in the order in which they came, the one that won last of all: then those who try again come before it, and each gets its turn. May be called from any thread.
/// </summary>
internal sealed class WriteLine
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Queue<Place>> _lines = [];
    private Guid _table;
    private long _latest;

    /// <summary>Learns a version that was committed.</summary>
    /// <param name="table">Tells tables apart that succeed each other: the later one may begin below.</param>
    /// <param name="stamp">The stamp of the version.</param>
    public void Learn(Guid table, long stamp)
    {
        lock (_gate)
        {
            (_latest, _table) = (table == _table ? Math.Max(_latest, stamp) : stamp, table);
        }
    }

    /// <summary>Waits for one's place at the head of the line.</summary>
    /// <param name="stamp">The version that is expected.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up the place.</param>
    /// <returns>True at the head: then <see cref="Leave"/> must follow. False when the version was passed.</returns>
    /// <exception cref="TimeoutException">The place was given up.</exception>
    public async ValueTask<bool> EnterAsync(long stamp, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        Place place;
        lock (_gate)
        {
            if (stamp < _latest)
            {
                return false;
            }

            if (!_lines.TryGetValue(stamp, out var line))
            {
                _lines.Add(stamp, []);
                return true;
            }

            place = new Place();
            line.Enqueue(place);
        }

        try
        {
            return await place.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !place.TryGiveUp())
        {
            return await place.Task.ConfigureAwait(false); // it was answered at the same moment, and may be the head
        }
    }

    /// <summary>Gives up the head of the line.</summary>
    /// <param name="stamp">The version that was expected.</param>
    /// <param name="current">The version that the answer told of; less when there was none.</param>
    /// <returns>Whether others were answered, who should come before the caller when they try again.</returns>
    public bool Leave(long stamp, long current)
    {
        Queue<Place> line;
        lock (_gate)
        {
            _latest = Math.Max(_latest, current);
            line = _lines[stamp];
            if (stamp >= _latest)
            {
                while (line.TryDequeue(out var next))
                {
                    if (next.TryAnswer(isAtHead: true))
                    {
                        return false;
                    }
                }
            }

            _lines.Remove(stamp);
        }

        foreach (var place in line)
        {
            place.TryAnswer(isAtHead: false);
        }

        return line.Count > 0;
    }

    /// <summary>Answered by the pool in the order of the answers, which the local queues of its threads would turn round.</summary>
    private sealed class Place : TaskCompletionSource<bool>, IThreadPoolWorkItem
    {
        private int _isTaken;
        private bool _isAtHead;

        /// <summary>False when the place was given up before.</summary>
        public bool TryAnswer(bool isAtHead)
        {
            if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            {
                return false;
            }

            _isAtHead = isAtHead;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return true;
        }

        /// <summary>False when it was answered before.</summary>
        public bool TryGiveUp() => Interlocked.Exchange(ref _isTaken, 1) == 0;

        void IThreadPoolWorkItem.Execute() => TrySetResult(_isAtHead);
    }
}
