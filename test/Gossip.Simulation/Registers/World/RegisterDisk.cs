using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>
/// The store of one acceptor. What was written is durable only after a flush, which takes its time or hangs; a kill loses what was not, from some
/// record on. It keeps bytes, as a real one does, so a restart also shows that what was written can be read. A store in memory is as durable as its process.
/// </summary>
internal sealed class RegisterDisk(RegisterWorld world, bool isDurable)
{
    private static readonly TimeSpan FlushMin = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan FlushMax = TimeSpan.FromMilliseconds(1);
    private readonly List<byte[]> _records = [];
    private readonly Queue<(int Records, Action Then)> _waiting = [];
    private int _durable;
    private bool _isFlushing;
    private int _life;
    private int _endAfter;
    private bool _endsFlushed;
    private Action? _end;

    public IEnumerable<AcceptorRecord> Records => _records.Select(Read);

    /// <summary>What each flush takes longer than usual.</summary>
    public TimeSpan Slowness { get; set; }

    public long HungUntil { get; set; }

    /// <summary>Writes a record, and goes on when it and all before it are durable.</summary>
    public void Append(AcceptorRecord? record, Action then, bool mayWait)
    {
        if (record is not null)
        {
            _records.Add(RecordFormat.Encode(record));
            if (_end is not null && --_endAfter < 0 && !_endsFlushed)
            {
                world.At(world.Now, End);
            }
        }

        if (!isDurable || _durable == _records.Count || !mayWait)
        {
            _durable = isDurable ? _durable : _records.Count;
            then();
        }
        else
        {
            _waiting.Enqueue((_records.Count, then));
        }

        Flush();
    }

    /// <summary>Ends the process at a record that it writes: just after it was written, or just after it became durable; in either case nobody hears of it.</summary>
    public void EndAt(int record, bool isFlushed, Action end) => (_endAfter, _endsFlushed, _end) = (record, isFlushed, end);

    /// <summary>The process ends.</summary>
    public void Crash()
    {
        _end = null;
        _life++;
        _isFlushing = false;
        _waiting.Clear();
        var kept = _durable + (_records.Count > _durable ? world.Random.Next(_records.Count - _durable) : 0);
        if (kept < _records.Count)
        {
            world.Counts.Count(Happening.RecordsLost);
        }

        _records.RemoveRange(kept, _records.Count - kept);
        _durable = kept;
    }

    /// <summary>The process ends, and has its records flushed first.</summary>
    public void Close()
    {
        _durable = _records.Count;
        Crash();
    }

    private void End()
    {
        var end = _end;
        _end = null;
        end?.Invoke();
    }

    private void Flush()
    {
        if (_isFlushing || !isDurable || _durable == _records.Count || !world.Plant.Flushes)
        {
            return;
        }

        _isFlushing = true;
        var (life, target) = (_life, _records.Count);
        var end = Math.Max(world.Now, HungUntil) + (world.Between(FlushMin, FlushMax) + Slowness).Ticks;
        world.At(end, () =>
        {
            if (life != _life)
            {
                return;
            }

            _isFlushing = false;
            _durable = target;
            if (_endAfter < 0 && _endsFlushed)
            {
                End();
                if (life != _life)
                {
                    return;
                }
            }

            while (_waiting.TryPeek(out var waiting) && waiting.Records <= _durable)
            {
                _waiting.Dequeue().Then();
            }

            Flush();
        });
    }

    private AcceptorRecord Read(byte[] bytes) =>
        world.Records.TryRead(bytes, out var record) ? record : throw new ViolationException("codec", $"a record of {bytes.Length} bytes cannot be read");
}
