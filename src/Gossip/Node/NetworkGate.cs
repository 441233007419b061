using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>Says from where datagrams and connections are taken, and keeps count of the others, which are dropped before a byte of them is looked at.</summary>
internal sealed class NetworkGate(IEnumerable<string> networks, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private readonly NetworkRange[] _ranges = [.. networks.Select(NetworkRange.Parse)];
    private readonly LogLimit _warnings = new(time, WarningInterval);
    private Counter _refused;

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
        if (_warnings.TryTake())
        {
            GossipLog.NetworkRefused(logger, from.ToString(), Refused);
        }

        return false;
    }
}
