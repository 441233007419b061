namespace Gossip.Messaging;

/// <summary>
/// The parts of messages that have not come yet. Memory follows what arrived, never what is announced; what nobody completes is dropped after a while, and
/// beyond the capacity parts are refused, so that their sender waits.
/// </summary>
internal sealed class PartStore
{
    /// <summary>How long parts are kept after the last one came: longer than a sender's pauses between retries.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(NodeInstance Sender, ulong Id), Assembly> _assemblies = [];
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly int _maxParts;
    private readonly long _capacity;
    private long _bytes;

    /// <param name="maxMessage">The largest message, in bytes.</param>
    /// <param name="capacity">How many bytes all parts may take.</param>
    /// <param name="time">The clock.</param>
    public PartStore(int maxMessage, long capacity, TimeProvider time)
    {
        MaxMessage = maxMessage;
        _maxParts = maxMessage / PartFormat.PartSize;
        _capacity = capacity;
        _time = time;
        _sweep = time.CreateTimer(static store => ((PartStore)store!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The largest message, in bytes.</summary>
    public int MaxMessage { get; }

    /// <summary>How many bytes wait for the rest of their messages.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Handles the request that carries a part. A part that is here already is no news, so it may be sent again.</summary>
    /// <exception cref="AnswerException">The part is refused.</exception>
    public MessagePayload OnPart(MessageContext context)
    {
        if (!PartFormat.TryRead(context.Payload.Encoded, out var id, out var index, out var part))
        {
            throw new AnswerException(Answer.Refused("malformed part"));
        }

        if (index >= _maxParts)
        {
            throw new AnswerException(Answer.Refused(Refusal.TooLarge));
        }

        lock (_gate)
        {
            var key = (context.Sender, id);
            var known = _assemblies.TryGetValue(key, out var assembly);
            if (!known || !assembly!.Parts.ContainsKey(index))
            {
                if (_bytes + part.Length > _capacity)
                {
                    throw new AnswerException(Answer.Refused(Refusal.Overloaded));
                }

                assembly ??= new Assembly();
                assembly.Parts.Add(index, part);
                _assemblies[key] = assembly;
                _bytes += part.Length;
            }

            assembly!.Touched = _time.GetTimestamp();
            if (_assemblies.Count == 1 && !known)
            {
                _sweep.Change(Patience, Patience);
            }
        }

        return MessagePayload.Empty;
    }

    /// <summary>Puts a payload together from its parts and its end, and forgets the parts. False when one is missing.</summary>
    public bool TryTake(NodeInstance sender, PartList list, ReadOnlySpan<byte> end, out byte[] payload)
    {
        payload = [];
        Assembly? assembly;
        lock (_gate)
        {
            if (!_assemblies.TryGetValue((sender, list.Id), out assembly) || assembly.Parts.Count != list.Count || assembly.Parts.Keys.Max() != list.Count - 1)
            {
                return false;
            }

            Remove((sender, list.Id), assembly);
        }

        payload = GC.AllocateUninitializedArray<byte>((list.Count * PartFormat.PartSize) + end.Length);
        foreach (var (index, part) in assembly.Parts)
        {
            part.Span.CopyTo(payload.AsSpan(index * PartFormat.PartSize));
        }

        end.CopyTo(payload.AsSpan(list.Count * PartFormat.PartSize));
        return true;
    }

    /// <summary>How large a payload is that <see cref="TryTake"/> would put together; more than <see cref="MaxMessage"/> when it would be too large.</summary>
    public int SizeOf(PartList list, int end) => list.Count > _maxParts ? int.MaxValue : (list.Count * PartFormat.PartSize) + end;

    /// <summary>Forgets the parts of a message that is not handled.</summary>
    public void Drop(NodeInstance sender, PartList list)
    {
        lock (_gate)
        {
            if (!list.IsEmpty && _assemblies.TryGetValue((sender, list.Id), out var assembly))
            {
                Remove((sender, list.Id), assembly);
            }
        }
    }

    /// <summary>Forgets everything: the node stops.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _sweep.Dispose();
            _assemblies.Clear();
            _bytes = 0;
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            foreach (var (key, assembly) in _assemblies.Where(entry => _time.GetElapsedTime(entry.Value.Touched) >= Patience).ToArray())
            {
                Remove(key, assembly);
            }
        }
    }

    private void Remove((NodeInstance, ulong) key, Assembly assembly)
    {
        _assemblies.Remove(key);
        _bytes -= (long)assembly.Parts.Count * PartFormat.PartSize;
        if (_assemblies.Count == 0)
        {
            _sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Assembly
    {
        public Dictionary<int, ReadOnlyMemory<byte>> Parts { get; } = [];

        public long Touched { get; set; }
    }
}
