namespace Gossip.Simulation;

/// <summary>A rule that must always hold does not.</summary>
internal sealed class ViolationException(string rule, string message) : Exception($"{rule}: {message}")
{
    /// <summary>The name of the rule.</summary>
    public string Rule { get; } = rule;
}
