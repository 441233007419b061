using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>Says from where datagrams and connections are taken, and keeps count of the others, which are dropped before a byte of them is looked at.</summary>
internal sealed class NetworkGate(IEnumerable<string> networks, TimeProvider time, ILogger logger)
{
    /// <summary>Strangers decide how often they come, so they must not decide how much is logged.</summary>
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private readonly NetworkRange[] _ranges = [.. networks.Select(NetworkRange.Parse)];
    private readonly Lock _gate = new();
    private Counter _refused;
    private long? _lastWarning;

    /// <summary>Null when everybody is admitted: then nobody is asked.</summary>
    public Predicate<NodeEndpoint>? Admits => _ranges.Length == 0 ? null : IsAdmitted;

    public long Refused => _refused.Value;

    private bool IsAdmitted(NodeEndpoint from)
    {
        foreach (var range in _ranges)
        {
            if (range.Contains(from))
            {
                return true;
            }
        }

        _refused.Add();
        if (IsTimeToWarn())
        {
            GossipLog.NetworkRefused(logger, from.ToString(), Refused);
        }

        return false;
    }

    private bool IsTimeToWarn()
    {
        lock (_gate)
        {
            if (_lastWarning is { } last && time.GetElapsedTime(last) < WarningInterval)
            {
                return false;
            }

            _lastWarning = time.GetTimestamp();
            return true;
        }
    }
}
