using System.Collections.Concurrent;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>A silo whose table is gone, and that meets others who have another one.</summary>
public sealed class SupersessionTests
{
    private static readonly string ClusterId = $"superseded-{Guid.NewGuid()}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_stops_its_host_and_says_why_and_only_then()
    {
        await using var keeper = await KeeperAsync();
        var own = Entries.New(SiloStatus.Active);
        using var host = new StandInHost();
        var log = new CriticalLog();
        var seed = keeper.Address;
        await using var silo = ProviderHandle.Silo(
            ClusterId,
            options =>
            {
                options.BindAddress = "127.0.0.1:0";
                options.Profile = GossipProfile.Local;
                options.Seeds.Add(seed);
                options.Table!.Votes = false;
                options.Table.OperationTimeout = TimeSpan.FromMilliseconds(300);
            },
            services: services =>
            {
                host.AddTo(services, own.SiloAddress);
                services.AddSingleton<ILoggerProvider>(log);
            });
        await silo.Table.InitializeMembershipTable(true);
        Assert.True(await silo.Table.InsertRow(own, (await silo.Table.ReadAll()).Version.Next()));
        var read = await silo.Table.ReadAll();

        await keeper.Node.StopAsync(new CancellationToken(canceled: true));
        await Assert.ThrowsAsync<TableUnavailableException>(silo.Table.ReadAll);
        Assert.False(host.ApplicationStopping.IsCancellationRequested); // a majority may come back

        await using var stranger = await KeeperAsync();
        await silo.Node.JoinAsync([stranger.Address], Token);
        while (await Record.ExceptionAsync(silo.Table.ReadAll) is TableUnavailableException)
        {
            Assert.False(Token.IsCancellationRequested, "it was not superseded in time"); // its gossip goes on meanwhile
        }

        await host.WhenStopping.WaitAsync(Token);
        var message = Assert.Single(log.Messages);
        Assert.Contains("Stop this node, remove its data directory, and start it again.", message, StringComparison.Ordinal);

        // Others can be reached; its last words are in vain all the same.
        Assert.Equal(Entries.Describe(read), Entries.Describe(await silo.Table.ReadAll()));
        own.Status = SiloStatus.Dead;
        Assert.True(await silo.Table.UpdateRow(own, read.Members[0].Item2, read.Version.Next()));
        Assert.Empty((await stranger.Table.ReadAll()).Members);
    }

    private static async Task<ProviderHandle> KeeperAsync()
    {
        var keeper = ProviderHandle.Silo(ClusterId, static options =>
        {
            options.BindAddress = "127.0.0.1:0";
            options.Profile = GossipProfile.Local;
            options.Table!.Founding = TableFounding.Single;
        });
        await keeper.Table.InitializeMembershipTable(true);
        return keeper;
    }

    private sealed class CriticalLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Critical;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Messages.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
