using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>The batches that led to a value, as far as they are kept: to bring up who is not far behind. To lose them costs a whole value, nothing else.</summary>
internal sealed class History
{
    /// <summary>How many batches are kept: seconds of a busy register, much less than the value that they save.</summary>
    private const int Capacity = 256;

    /// <summary>How many bytes they may have: what is sent of them must fit one frame, and more than this is dearer than the value. The latest is kept in any case.</summary>
    private const int MaxBytes = 1024 * 1024;

    private readonly Queue<(Position Before, Batch Batch)> _batches = new(Capacity);
    private int _bytes;
    private Position _end;

    /// <summary>Notes how a value came to be. What does not follow on begins anew.</summary>
    public void Add(News news)
    {
        if (news.Full is not null || news.Base != _end)
        {
            _batches.Clear();
            _bytes = 0;
        }

        var position = news.Base;
        foreach (var batch in news.Batches)
        {
            if (!batch.IsIdentity)
            {
                _batches.Enqueue((position, batch));
                _bytes += batch.Encoded.Length;
                while (_batches.Count > Capacity || (_bytes > MaxBytes && _batches.Count > 1))
                {
                    _bytes -= _batches.Dequeue().Batch.Encoded.Length;
                }

                position = position.After(batch);
            }
        }

        _end = news.After;
    }

    /// <summary>How who holds <paramref name="held"/> comes to <paramref name="value"/>.</summary>
    public News Since(Position held, RegisterValue value)
    {
        if (held == value.Position)
        {
            return new News(held, [], null, held);
        }

        var news = ImmutableArray.CreateBuilder<Batch>();
        var leadsThere = value.Position == _end;
        foreach (var (before, batch) in _batches)
        {
            if (before == value.Position)
            {
                leadsThere = true; // what came after it is of another round
                break;
            }

            if (before == held || news.Count > 0)
            {
                news.Add(batch);
            }
        }

        return leadsThere && news.Count > 0 ? new News(held, news.ToImmutable(), null, value.Position) : News.Of(value);
    }
}
