namespace Quickstart;

/// <summary>How long things may take.</summary>
internal static class Pace
{
    /// <summary>For one thing that is waited for: several times what a busy machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>For the whole tour, whatever happens.</summary>
    public static readonly TimeSpan WholeTour = TimeSpan.FromSeconds(33);
}
