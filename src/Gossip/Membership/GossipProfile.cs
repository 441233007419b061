namespace Gossip;

/// <summary>A set of periods and time-outs that fits a kind of network.</summary>
public enum GossipProfile
{
    /// <summary>One data centre: a probe each second; a crash is known after about two to four seconds.</summary>
    Lan = 0,

    /// <summary>Processes on one machine, and tests: a probe each 200 ms; a crash is known after about a second.</summary>
    Local = 1,

    /// <summary>Several sites: a probe each three seconds; a crash is known after about ten seconds.</summary>
    Wan = 2,
}
