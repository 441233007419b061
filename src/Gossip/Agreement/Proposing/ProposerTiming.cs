namespace Gossip.Agreement;

/// <summary>The times of a proposer. Safety depends on none of them.</summary>
internal sealed record ProposerTiming
{
    /// <summary>How long an acceptor may take before it is asked again: many times a round trip with a flush, so that a slow disk is not asked twice.</summary>
    public TimeSpan Resend { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest first pause of a proposer that lost its ballots to another one; each further loss doubles it. A pause is drawn, so that two part soon.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest pause.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMilliseconds(640);

    /// <summary>For how long a proposer that was heard of is believed to be at work.</summary>
    public TimeSpan LeaderPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long newcomers may take to hold the value before a reconfiguration is given up.</summary>
    public TimeSpan StageTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the results of a session that asks nothing are kept: twice the longest time that a change may take.</summary>
    public TimeSpan SessionRetention { get; init; } = TimeSpan.FromMinutes(4);
}
