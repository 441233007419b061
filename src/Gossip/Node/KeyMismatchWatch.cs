using Gossip.Diagnostics;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>Turns packets that could not be understood into words: a warning now and then, and the reason why a join failed.</summary>
internal sealed class KeyMismatchWatch(Action<NodeEndpoint> mismatch, TimeProvider time, ILogger logger) : ISealedTransportOwner
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly LogLimit _warnings = new(time, WarningInterval);

    public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId)
    {
        if (!_warnings.TryTake())
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
        if (_warnings.TryTake())
        {
            GossipLog.NotUnderstood(logger, from.ToString(), RingKey.IdText(keyId));
        }
    }

    public void OnKeyMismatch(in NodeEndpoint dialled) => mismatch(dialled);
}
