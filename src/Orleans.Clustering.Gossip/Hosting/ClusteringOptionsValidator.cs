using Gossip;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Clustering.Gossip;

/// <summary>Finds every problem of the options before a socket is opened, and says of each what to change.</summary>
internal class ClusteringOptionsValidator(
    IOptions<GossipClusteringOptions> options, IOptions<ClusterOptions> cluster, IEnumerable<IValidateOptions<GossipOptions>> checks) : IConfigurationValidator
{
    /// <summary>What Orleans gives a silo to join.</summary>
    private static readonly TimeSpan MaxInitialization = TimeSpan.FromMinutes(5);

    protected GossipClusteringOptions Options => options.Value;

    public void ValidateConfiguration()
    {
        var failures = new List<string>();
        foreach (var check in checks)
        {
            failures.AddRange(check.Validate(Microsoft.Extensions.Options.Options.DefaultName, Options).Failures ?? []);
        }

        Require(Options.ClusterName == cluster.Value.ClusterId, failures,
            $"{nameof(GossipOptions.ClusterName)} is '{Options.ClusterName}' and the silo's {nameof(ClusterOptions.ClusterId)} is '{cluster.Value.ClusterId}': leave the first one out, for it follows the second.");
        Require(Options.ServiceId == cluster.Value.ServiceId, failures,
            $"{nameof(GossipOptions.ServiceId)} is '{Options.ServiceId}' and the silo's {nameof(ClusterOptions.ServiceId)} is '{cluster.Value.ServiceId}': leave the first one out, for it follows the second.");
        Require(Options.Table is not null, failures, $"{nameof(GossipOptions.Table)} is null: a silo's cluster needs the table; leave it as it is, or set it to a new {nameof(TableOptions)}.");
        Require(Options.InitializationTimeout > TimeSpan.Zero && Options.InitializationTimeout < MaxInitialization, failures,
            $"{nameof(GossipClusteringOptions.InitializationTimeout)} is {Options.InitializationTimeout}: choose more than zero and less than {MaxInitialization}, which is what Orleans gives a silo to join.");
        Check(failures);
        if (failures.Count > 0)
        {
            throw new OrleansConfigurationException($"The options of gossip clustering are not valid. {string.Join(' ', failures)}");
        }
    }

    protected virtual void Check(List<string> failures)
    {
    }

    protected static void Require(bool condition, List<string> failures, string failure)
    {
        if (!condition)
        {
            failures.Add(failure);
        }
    }
}

/// <summary>A silo has ports of its own, which the node must not take.</summary>
internal sealed class SiloClusteringValidator(
    IOptions<GossipClusteringOptions> options, IOptions<ClusterOptions> cluster, IEnumerable<IValidateOptions<GossipOptions>> checks, IOptions<EndpointOptions> endpoints)
    : ClusteringOptionsValidator(options, cluster, checks)
{
    protected override void Check(List<string> failures)
    {
        if (Options.BindAddress is not { } bind || !TryParse(bind, out var address))
        {
            return;
        }

        Require(address.Port != endpoints.Value.SiloPort, failures, Clash(bind, nameof(EndpointOptions.SiloPort), endpoints.Value.SiloPort));
        Require(address.Port != endpoints.Value.GatewayPort, failures, Clash(bind, nameof(EndpointOptions.GatewayPort), endpoints.Value.GatewayPort));
    }

    private static string Clash(string bind, string option, int port) =>
        FormattableString.Invariant($"{nameof(GossipOptions.BindAddress)} '{bind}' has the port of Orleans' {option}, {port}: choose another one, such as {GossipAddress.DefaultPort}.");

    private static bool TryParse(string text, out GossipAddress address)
    {
        try
        {
            address = GossipAddress.Parse(text);
            return true;
        }
        catch (GossipAddressException)
        {
            address = null!;
            return false;
        }
    }
}
