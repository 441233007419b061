using Gossip.Discovery;
using Gossip.Tests.Messaging;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class SeedSourcesTests : IDisposable
{
    private readonly LogLines _log = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_are_asked_each_time_and_each_seed_counts_once()
    {
        var second = new List<string> { "b", "a" };
        var sources = Sources(SeedProvider.From(_ => new(["a"])), SeedProvider.From(_ => new([.. second])));
        Assert.Equal(["a", "b"], await sources.AskAsync(Token));
        second.Remove("b");
        second.Add("srv+c");
        Assert.Equal(["a", "srv+c"], await sources.AskAsync(Token));
    }

    [Fact]
    public async Task One_that_throws_is_logged_once_and_what_it_said_last_counts()
    {
        var fails = false;
        var sources = Sources(SeedProvider.From(_ => fails ? throw new InvalidOperationException("the registry is down") : new(["a"])), SeedProvider.From(_ => new(["b"])));
        Assert.Equal(["a", "b"], await sources.AskAsync(Token));
        fails = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(["a", "b"], await sources.AskAsync(Token));
        }

        Assert.Equal(1, _log.Count("the registry is down"));
        Assert.Equal(1, _log.Count("the 1 seeds that it gave last go on being tried"));
        fails = false;
        _ = await sources.AskAsync(Token);
        Assert.Equal(1, _log.Count("works again"));
    }

    [Fact]
    public async Task One_that_hangs_is_waited_for_no_longer_than_ten_seconds_and_not_asked_twice()
    {
        var asked = 0;
        var answer = new TaskCompletionSource<IReadOnlyList<string>>();
        var sources = Sources(
            SeedProvider.From(_ =>
            {
                Interlocked.Increment(ref asked);
                return new(answer.Task);
            }));
        for (var i = 0; i < 2; i++)
        {
            var asking = sources.AskAsync(Token);
            await Awaiting.UntilAsync(() => Volatile.Read(ref asked) == 1);
            await Awaiting.UntilAsync(() =>
            {
                _clock.Advance(SeedSources.Patience);
                return asking.IsCompleted;
            });
            Assert.Empty(await asking);
        }

        Assert.Equal(1, asked);
        Assert.Equal(1, _log.Count("did not answer within"));
        answer.SetResult(["a"]);
        Assert.Equal(["a"], await sources.AskAsync(Token));
    }

    [Fact]
    public async Task What_is_no_address_is_left_out_and_named_once()
    {
        var sources = Sources(SeedProvider.From(_ => new(["a", "host:port", null!, ""])), SeedProvider.From(_ => new((IReadOnlyList<string>)null!)));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["a"], await sources.AskAsync(Token));
        }

        Assert.Equal(1, _log.Count("'host:port' is not a valid address: the port 'port' is not a number"));
        Assert.Equal(3, _log.Count("was left out"));
    }

    [Fact]
    public async Task Of_too_many_the_first_count()
    {
        string[] seeds = [.. Enumerable.Range(0, SeedSources.MaxSeeds + 1).Select(i => $"n{i}")];
        Assert.Equal(seeds[..^1], await Sources(SeedProvider.From(_ => new(seeds))).AskAsync(Token));
        Assert.Equal(1, _log.Count("gave 1025 seeds, of which the first 1024 are used"));
    }

    [Fact]
    public async Task A_file_is_read_anew_each_time_with_comments_and_absence()
    {
        var directory = Directory.CreateTempSubdirectory("gossip-seeds-");
        try
        {
            var path = Path.Combine(directory.FullName, "seeds");
            var options = new GossipOptions { SeedsFile = path };
            Assert.True(options.HasSeedProviders);
            var sources = SeedSources.Of(options, _clock, _log);
            Assert.Empty(await sources.AskAsync(Token));
            Assert.Equal(1, _log.Count($"the file '{path}' failed: it does not exist: create it, with one address a line"));

            await File.WriteAllTextAsync(path, "# the first rack\n10.0.0.1 # old\r\n\n  srv+name\n", Token);
            Assert.Equal(["10.0.0.1", "srv+name"], await sources.AskAsync(Token));
            await File.WriteAllTextAsync(path, "10.0.0.2", Token);
            Assert.Equal(["10.0.0.2"], await sources.AskAsync(Token));
            File.Delete(path);
            Assert.Equal(["10.0.0.2"], await sources.AskAsync(Token));

            await File.WriteAllBytesAsync(path, new byte[(1024 * 1024) + 1], Token);
            Assert.Equal(["10.0.0.2"], await sources.AskAsync(Token));
            Assert.Equal(1, _log.Count("is it the right file?"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_environment_variable_holds_a_list()
    {
        var variable = $"GOSSIP_SEEDS_{Guid.NewGuid():N}";
        var sources = Sources(SeedProvider.FromEnvironment(variable));
        Assert.Empty(await sources.AskAsync(Token));
        Environment.SetEnvironmentVariable(variable, "10.0.0.1,10.0.0.2; node-1\n[::1]:7000");
        try
        {
            Assert.Equal(["10.0.0.1", "10.0.0.2", "node-1", "[::1]:7000"], await sources.AskAsync(Token));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public async Task A_reloaded_configuration_counts()
    {
        var configuration = new ConfigurationManager();
        configuration["Gossip:Seeds:0"] = "a";
        var sources = Sources(SeedProvider.FromConfiguration(configuration.GetSection("Gossip:Seeds")));
        Assert.Equal(["a"], await sources.AskAsync(Token));
        configuration["Gossip:Seeds:1"] = "b";
        Assert.Equal(["a", "b"], await sources.AskAsync(Token));
    }

    [Fact]
    public void Providers_need_a_source()
    {
        Assert.Throws<ArgumentException>(() => SeedProvider.FromFile(" "));
        Assert.Throws<ArgumentException>(() => SeedProvider.FromEnvironment(""));
        Assert.Throws<ArgumentNullException>(() => SeedProvider.FromConfiguration(null!));
        Assert.Throws<ArgumentNullException>(() => SeedProvider.From(null!));
    }

    public void Dispose() => _log.Dispose();

    private SeedSources Sources(params ISeedProvider[] providers) => new(providers, _clock, _log);
}
