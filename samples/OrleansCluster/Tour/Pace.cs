namespace OrleansCluster.Tour;

/// <summary>How long things may take.</summary>
internal static class Pace
{
    /// <summary>For one thing that is waited for: several times what a busy machine needs to start three silos.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How often something is looked at that is waited for.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>For one call of a grain, before it is made again.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How often the client asks for the gateways; Orleans' default is a minute.</summary>
    public static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(1);

    /// <summary>For a silo to stop.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(8);

    /// <summary>For all steps, whatever happens: together with the last stop it is less than a minute.</summary>
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(48);
}
