using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Gossip.Streaming;

namespace Gossip;

/// <summary>
/// A stream of bytes in both directions between two nodes, from <see cref="GossipStreams.OpenAsync"/> or in a handler of <see cref="GossipStreams.Handle"/>.
/// All bytes arrive, in order, or an end that waits for them fails with <see cref="StreamAbortedException"/>; a whole one is never mistaken for a part.
/// </summary>
/// <remarks>
/// Each direction ends by itself: complete <see cref="Output"/>, and the other side's <see cref="Input"/> ends after the last byte, while it may go on writing.
/// Whoever reads slowly slows the writer down, and nobody else.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is what everybody calls a stream, and AsStream makes it one of the base class library.")]
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer, so it holds nothing, and handlers that outlast the stream look at its token.")]
public sealed partial class GossipStream : IDuplexPipe, IAsyncDisposable
{
    internal GossipStream(StreamLink link, StreamKey key, StreamState state, StreamTerms terms, StreamPlace place)
    {
        _link = link;
        _state = state;
        _place = place;
        Key = key;
        Type = terms.Type;
        Headers = terms.Headers;
        _received = new Pipe(terms.InputPipe);
        _written = new Pipe(terms.OutputPipe);
        var (input, output) = (new StreamInput(_received.Reader, this), new StreamOutput(_written.Writer, this));
        var isPlain = terms.Compression == StreamCompression.None;
        Input = isPlain ? input : new CompressedInput(input, terms.Compression, this);
        Output = isPlain ? output : new CompressedOutput(output, terms.Compression);
    }

    /// <summary>
    /// What the other side sends. Completing it before its end tells the other side to stop: its <see cref="Output"/> is completed, or fails when an exception is
    /// given. A read fails with <see cref="StreamAbortedException"/> when the stream was aborted, also when there were bytes that had not been read.
    /// </summary>
    public PipeReader Input { get; }

    /// <summary>
    /// What this side sends. Flushing waits while the other side takes no more. Completing it ends this direction after the last byte; completing it with an exception
    /// ends it at once, and reads of the other side fail. A flush whose result is completed says that the other side reads no more.
    /// </summary>
    public PipeWriter Output { get; }

    /// <summary>The life of the node at the other end.</summary>
    public NodeInstance Peer => _link.Peer;

    /// <summary>The type under which it was opened.</summary>
    public int Type { get; }

    /// <summary>The headers with which it was opened; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>
    /// Both directions as one <see cref="Stream"/>, for code that needs one. Each write is sent at once. Its errors are <see cref="IOException"/>s, around the
    /// <see cref="StreamAbortedException"/>. Disposing of it is <see cref="DisposeAsync"/>; to end only what is written, complete <see cref="Output"/>.
    /// </summary>
    /// <returns>The stream.</returns>
    public Stream AsStream() => new StreamAdapter(this);

    /// <summary>Ends both directions at once, on both sides: what waits or comes later fails with <see cref="StreamAbortedException"/>. Nothing happens when the stream is over.</summary>
    /// <param name="reason">Why; the other side is told its message, cut at 2048 bytes of UTF-8. Default: no reason.</param>
    public void Abort(Exception? reason = null) => Fail(Ending.By(reason));

    /// <summary>
    /// Gives the stream back. If <see cref="Output"/> was completed, what was written is still sent, and only what was not read is given up; if not, the stream is aborted,
    /// so that what was written by somebody who failed does not look whole. Does not wait.
    /// </summary>
    /// <returns>A task that has ended.</returns>
    public ValueTask DisposeAsync()
    {
        Release();
        return default;
    }

    internal void Release()
    {
        GiveUpUnlessComplete();
        Input.Complete();
        Output.Complete();
    }
}
