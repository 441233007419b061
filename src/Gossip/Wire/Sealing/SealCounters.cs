using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>What sealing did so far; the meters read it.</summary>
internal sealed class SealCounters
{
    public Counter Sealed;
    public Counter Opened;
    public Counter Unsealed;
    public Counter UnknownKey;
    public Counter BadTag;
    public Counter Replayed;

    public void Count(SealVerdict verdict)
    {
        switch (verdict)
        {
            case SealVerdict.Opened:
                Opened.Add();
                break;
            case SealVerdict.Unsealed:
                Unsealed.Add();
                break;
            case SealVerdict.UnknownKey:
                UnknownKey.Add();
                break;
            case SealVerdict.Replay:
                Replayed.Add();
                break;
            default:
                BadTag.Add();
                break;
        }
    }
}
