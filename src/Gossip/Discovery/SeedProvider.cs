using Gossip.Discovery;
using Microsoft.Extensions.Configuration;

namespace Gossip;

/// <summary>Ready-made seed providers, for <see cref="GossipOptions.SeedProviders"/>.</summary>
public static class SeedProvider
{
    /// <summary>The environment variable that <see cref="FromEnvironment"/> reads by default: <c>GOSSIP_SEEDS</c>.</summary>
    public const string DefaultVariable = "GOSSIP_SEEDS";

    /// <summary>Seeds out of a file that may change at any time: one address a line; what follows a <c>#</c> is a comment. It is read anew whenever seeds are asked for.</summary>
    /// <param name="path">The file, at most 1 MiB. It may be absent, which is logged.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static ISeedProvider FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FileSeeds(path);
    }

    /// <summary>Seeds out of an environment variable, separated by commas, semicolons or blanks. A variable that is not set means none.</summary>
    /// <param name="variable">The variable. Default: <see cref="DefaultVariable"/>.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static ISeedProvider FromEnvironment(string variable = DefaultVariable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        return new EnvironmentSeeds(variable);
    }

    /// <summary>Seeds out of a configuration section that is a list; a reload counts from the next time on. Hosts have this for <c>Gossip:Seeds</c> by themselves.</summary>
    /// <param name="section">The section whose children are addresses.</param>
    /// <returns>The provider.</returns>
    public static ISeedProvider FromConfiguration(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return new ConfigurationSeeds(section);
    }

    /// <summary>Seeds out of a function; see <see cref="ISeedProvider.GetSeedsAsync"/>.</summary>
    /// <param name="getSeeds">The function.</param>
    /// <returns>The provider.</returns>
    public static ISeedProvider From(Func<CancellationToken, ValueTask<IReadOnlyList<string>>> getSeeds)
    {
        ArgumentNullException.ThrowIfNull(getSeeds);
        return new FunctionSeeds(getSeeds);
    }
}
