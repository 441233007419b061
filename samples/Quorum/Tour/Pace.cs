namespace Quorum.Tour;

/// <summary>How long things may take.</summary>
internal static class Pace
{
    /// <summary>For one thing that is waited for: several times what a busy machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How often something is looked at that is waited for.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a node of the program tries before a call to the table fails; the default is longer, and there is a step that waits for it.</summary>
    public static readonly TimeSpan TableTimeout = TimeSpan.FromSeconds(2);

    /// <summary>For the whole program, whatever happens.</summary>
    public static readonly TimeSpan Whole = TimeSpan.FromSeconds(36);
}
