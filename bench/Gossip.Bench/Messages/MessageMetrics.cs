using Gossip.Bench.Reports;

namespace Gossip.Bench.Messages;

/// <summary>What is measured of messages between two processes. The size is that of the content in bytes, of requests how many are under way at once.</summary>
internal static class MessageMetrics
{
    public static Metric Reliable { get; } = new(10, "one-way, reliable and in order, to a handler", "1/s") { GoalOfPeer = 1, MoreIsBetter = true };

    public static Metric ReliableSealed { get; } = new(10, "one-way, reliable and in order, encrypted", "1/s") { MoreIsBetter = true };

    public static Metric BestEffort { get; } = new(10, "one-way, best effort: handled", "1/s") { MoreIsBetter = true };

    /// <summary>The time of one send to a tag that many carry, as a part of the time of as many sends to single nodes.</summary>
    public static Metric FanOut { get; } = new(12, "one message to all of a tag, of the time of single sends", "") { Goal = 1.1 };

    public static Metric Requests { get; } = new(11, "request and reply, 64 bytes", "1/s") { GoalOfPeer = 1.2, MoreIsBetter = true };

    public static Metric RequestMedian { get; } = new(11, "request and reply, p50", "ms");

    public static Metric RequestTail { get; } = new(11, "request and reply, p99", "ms") { GoalOfPeer = 1 };

    public static Metric RequestsSealed { get; } = new(11, "request and reply, 64 bytes, encrypted", "1/s") { MoreIsBetter = true };
}
