using Samples;

namespace Orleans.Bench.Silos;

/// <summary>The settings of silos of one cluster on this machine: the first three are its seeds, and each keeps its ports when it starts again.</summary>
internal static class SiloGroup
{
    private const int Seeds = 3;
    private const int PortsOfEach = 3;

    /// <summary>Chooses ports that nothing listens on now.</summary>
    public static SiloSettings[] Settings(int silos)
    {
        var ports = FreePorts.Find(silos * PortsOfEach);
        string[] addresses = [.. ports.Take(silos).Select(static port => $"127.0.0.1:{port}")];
        string[] seeds = [.. addresses.Take(Math.Min(Seeds, silos))];
        var cluster = $"{Guid.NewGuid():N}";
        return [.. addresses.Select((address, i) => new SiloSettings($"silo-{i}", cluster, ports[silos + i], ports[(2 * silos) + i], address, seeds))];
    }
}
