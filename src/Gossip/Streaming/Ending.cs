using Gossip.Messaging;

namespace Gossip.Streaming;

/// <summary>Why a stream, or one direction of it, ends before its time.</summary>
internal readonly record struct Ending(StreamAbortReason Reason, string Text)
{
    public static readonly Ending Disposed = new(StreamAbortReason.Aborted, "it was disposed of before its output was complete");
    public static readonly Ending Stopping = new(StreamAbortReason.Stopping, "the node stops");
    public static readonly Ending ConnectionLost = new(StreamAbortReason.ConnectionLost, "the connection ended");
    public static readonly Ending MemberGone = new(StreamAbortReason.MemberGone, "the member left, died or restarted");

    /// <summary>The opener no longer waits for the answer.</summary>
    public static readonly Ending GivenUp = new(StreamAbortReason.Aborted, "who opened it gave up");

    /// <summary>What a user says, in words that fit a frame.</summary>
    public static Ending By(Exception? error) =>
        new(StreamAbortReason.Aborted, Cut(error is null ? "without a reason" : error.Message));

    public static Ending OfHandler(Exception error) =>
        new(StreamAbortReason.HandlerFailed, Cut($"{error.GetType().FullName}: {error.Message}"));

    public static Ending Protocol(string problem) => new(StreamAbortReason.Protocol, problem);

    /// <summary>What the other side said: a reason of a later version, or one that only this side can conclude, is taken for its general form.</summary>
    public static Ending Said(int reason, ReadOnlySpan<byte> text) => new(
        reason is >= (int)StreamAbortReason.Aborted and <= (int)StreamAbortReason.Protocol ? (StreamAbortReason)reason : StreamAbortReason.Aborted,
        System.Text.Encoding.UTF8.GetString(text));

    private static string Cut(string text) => MessageLimits.Cut(text, MessageLimits.MaxErrorBytes);
}
