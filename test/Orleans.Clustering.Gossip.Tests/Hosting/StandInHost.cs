using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>What a silo's host is to the provider: it can be stopped, and knows the silo's address.</summary>
internal sealed class StandInHost : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _whenStopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StandInHost() => _stopping.Token.Register(_whenStopping.SetResult);

    public Task WhenStopping => _whenStopping.Task;

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void AddTo(IServiceCollection services, SiloAddress silo) => services.AddSingleton<IHostApplicationLifetime>(this).AddSingleton<ILocalSiloDetails>(new Details(silo));

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();

    /// <summary>With all that the interface has in one kind of feed or the other.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "They are the interface's where the feed has Orleans.")]
    private sealed class Details(SiloAddress address) : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => address;

        public SiloAddress GatewayAddress => address;
    }
}
