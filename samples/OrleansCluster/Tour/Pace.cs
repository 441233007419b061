namespace OrleansCluster.Tour;

/// <summary>How long things may take. A machine that is busy with other things takes ten times as long as one that is not, so only the whole is tight.</summary>
internal static class Pace
{
    /// <summary>For silos to start and to be active.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(40);

    /// <summary>For one thing that is waited for while all run.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    /// <summary>How often something is looked at that is waited for.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>For one call of a grain, before it is made again.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How often the client asks for the gateways; Orleans' default is a minute.</summary>
    public static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(1);

    /// <summary>For a silo to stop in order.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(8);

    /// <summary>For what still runs in the end, before it is killed: the run has failed by then.</summary>
    public static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(4);

    /// <summary>For all steps, whatever happens: together with the end it is less than a minute.</summary>
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(54);
}
