namespace Gossip.Dissemination;

/// <summary>A token bucket: however often a node is asked, it answers with so many bytes a second. It starts full.</summary>
internal sealed class AnswerBudget(int burst, int bytesPerSecond)
{
    private double _left = burst;
    private long _since = long.MinValue;

    public bool TryTake(int bytes, long now)
    {
        if (_since != long.MinValue)
        {
            _left = Math.Min(burst, _left + ((double)(now - _since) / TimeSpan.TicksPerSecond * bytesPerSecond));
        }

        _since = now;
        if (bytes > _left)
        {
            return false;
        }

        _left -= bytes;
        return true;
    }
}
