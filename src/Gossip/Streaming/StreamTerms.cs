using System.IO.Pipelines;

namespace Gossip.Streaming;

/// <summary>What a stream is opened with.</summary>
internal sealed record StreamTerms(int Type, IReadOnlyDictionary<string, string> Headers, StreamCompression Compression, PipeOptions InputPipe, PipeOptions OutputPipe);

/// <summary>The place of one stream in the quota, given back once by the last who holds it: the stream itself, and the handler that runs for it.</summary>
internal sealed class StreamPlace(StreamQuota quota, NodeId peer, int holders)
{
    private int _holders = holders;

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            quota.GiveBack(peer);
        }
    }
}
