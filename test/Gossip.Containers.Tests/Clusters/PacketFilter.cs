using System.Globalization;
using System.Net;
using Gossip.Containers.Tests.Engine;
using Xunit;

namespace Gossip.Containers.Tests.Clusters;

/// <summary>Drops packets within the network namespaces of containers.</summary>
internal static class PacketFilter
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Why packets cannot be dropped here; null when they can.</summary>
    public static async Task<string?> FindObstacleAsync()
    {
        try
        {
            var (exitCode, _, error) = await CommandLine.TryRunAsync("nsenter", ["--target", $"{Environment.ProcessId}", "--net", "iptables", "--list", "INPUT", "--numeric"], Token);
            return exitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }

    /// <summary>From now on no packet of these gets to those; the other way is left as it is.</summary>
    public static async Task BlockAsync(IEnumerable<NodeContainer> senders, IEnumerable<NodeContainer> receivers)
    {
        var sources = await Task.WhenAll(senders.Select(AddressAsync));
        foreach (var receiver in receivers)
        {
            foreach (var source in sources)
            {
                await FilterAsync(receiver, "--append", "INPUT", "--source", $"{source}", "--jump", "DROP");
            }
        }
    }

    /// <summary>Nothing gets from one side to the other, nor back.</summary>
    public static async Task CutAsync(IReadOnlyList<NodeContainer> one, IReadOnlyList<NodeContainer> other)
    {
        await BlockAsync(one, other);
        await BlockAsync(other, one);
    }

    public static Task HealAsync(IEnumerable<NodeContainer> nodes) => Task.WhenAll(nodes.Select(static node => FilterAsync(node, "--flush", "INPUT")));

    private static async Task FilterAsync(NodeContainer node, params string[] rule)
    {
        var process = await node.FindProcessAsync(Token);
        await CommandLine.RunAsync("nsenter", ["--target", string.Create(CultureInfo.InvariantCulture, $"{process}"), "--net", "iptables", "--wait", .. rule], Token);
    }

    private static async Task<IPAddress> AddressAsync(NodeContainer node) =>
        IPEndPoint.Parse((await node.TryReportAsync(Token) ?? throw new InvalidOperationException($"{node.Name} does not answer")).Address).Address;
}
