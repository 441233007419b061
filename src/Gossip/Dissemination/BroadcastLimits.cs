namespace Gossip.Dissemination;

/// <summary>What the repair of broadcasts may take and give at most, whatever members send.</summary>
internal static class BroadcastLimits
{
    /// <summary>
    /// Kept of one origin: half of the numbers that its receivers tell apart (a window of 1024). The other half is for numbers that
    /// sends took and gave up, so that what is repaired is never so old that nobody can say whether it was handled.
    /// </summary>
    public const int PerOrigin = 512;

    /// <summary>Kept altogether: small ones would otherwise need more memory around them than for themselves.</summary>
    public const int MaxKept = 8192;

    /// <summary>Origins whose numbers are remembered: more than can have something kept, so that there is always one to forget.</summary>
    public const int MaxOrigins = 2 * MaxKept;

    /// <summary>The largest frame that travels at all.</summary>
    public const int MaxFrame = 4 * 1024 * 1024;

    /// <summary>The largest encoded broadcast: a frame less the headers, keys and the seal around it.</summary>
    public const int MaxBody = MaxFrame - 1024;

    /// <summary>The fewest bytes that may be kept: the largest broadcast and another one, so that one alone never empties the window.</summary>
    public const int MinBytes = 8 * 1024 * 1024;

    /// <summary>The most that may be kept.</summary>
    public const int MaxBytes = 1024 * 1024 * 1024;

    public const int DefaultBytes = 16 * 1024 * 1024;

    /// <summary>A node's own broadcasts that are still spreading take no larger part of the window than this, or they would push each other out before others have them.</summary>
    public const int OwnShare = 2;

    /// <summary>Missing broadcasts that are remembered; further ones are when they are announced again.</summary>
    public const int MaxWanted = 4096;

    /// <summary>Small ones that are on their way at once: about as many as fit the queue of a node's handlers.</summary>
    public const int MaxSmallAsked = 512;

    /// <summary>Large ones that are on their way at once: four of 4 MiB.</summary>
    public const int MaxLargeAsked = 4;

    /// <summary>So many are asked for in one datagram; what is more goes over a stream, which carries that many answers better.</summary>
    public const int MaxAskedByDatagram = 16;

    /// <summary>One datagram is answered with no more than so many.</summary>
    public const int MaxAnswerDatagrams = 16;

    /// <summary>One frame is answered with no more than this, or one broadcast if that is larger.</summary>
    public const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>After so many unanswered questions nobody seems to have it; another announcement begins anew.</summary>
    public const int MaxAsks = 6;

    /// <summary>What a node answers at most per second, half of a Gbit/s, however often it is asked.</summary>
    public const int AnswerBytesPerSecond = 64 * 1024 * 1024;

    /// <summary>What it answers at once: the whole window by default.</summary>
    public const int AnswerBurst = DefaultBytes;
}
