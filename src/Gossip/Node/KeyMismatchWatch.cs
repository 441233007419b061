using Gossip.Diagnostics;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>Turns packets that could not be understood into words: a warning now and then, and the reason why a join failed.</summary>
internal sealed class KeyMismatchWatch(Action<NodeEndpoint> mismatch, TimeProvider time, ILogger logger) : ISealedTransportOwner
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _lastWarning;

    public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId)
    {
        if (!IsTimeToWarn())
        {
            return;
        }

        switch (verdict)
        {
            case SealVerdict.Unsealed:
                GossipLog.UnsealedRefused(logger, from.ToString());
                break;
            case SealVerdict.UnknownKey:
                GossipLog.UnknownKeyRefused(logger, from.ToString(), RingKey.IdText(keyId));
                break;
            default:
                GossipLog.BadSealRefused(logger, from.ToString());
                break;
        }
    }

    public void OnNotUnderstood(in NodeEndpoint from, byte keyId)
    {
        if (IsTimeToWarn())
        {
            GossipLog.NotUnderstood(logger, from.ToString(), RingKey.IdText(keyId));
        }
    }

    public void OnKeyMismatch(in NodeEndpoint dialled) => mismatch(dialled);

    /// <summary>Others decide how often these things happen, so they must not decide how much is logged.</summary>
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
