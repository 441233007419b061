using Gossip;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Three providers that keep a table on disk, of which the one in charge is killed without a word, and started again, and so on.</summary>
internal sealed class ProposerKiller : IAsyncDisposable
{
    /// <summary>For a call, however often somebody is killed meanwhile: none of these tests may see that a call was not answered.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int Voters = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _cluster;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gossip-killer-");
    private readonly string[] _ids = [.. Enumerable.Range(0, Voters).Select(static _ => Guid.NewGuid().ToString("N"))];
    private readonly ProviderHandle?[] _voters = new ProviderHandle?[Voters];
    private readonly CancellationTokenSource _stop = new();
    private string[] _observers = [];
    private Task _killing = Task.CompletedTask;

    private ProposerKiller(string cluster) => _cluster = cluster;

    public int Kills { get; private set; }

    public string Seed => _voters[0]!.Address;

    public static async Task<ProposerKiller> StartAsync(string cluster)
    {
        var killer = new ProposerKiller(cluster);
        try
        {
            for (var i = 0; i < Voters; i++)
            {
                await killer.StartVoterAsync(i);
            }

            foreach (var voter in killer._voters)
            {
                while (!(await voter!.Node.GetTableStatusAsync(TestContext.Current.CancellationToken)).HasSeat)
                {
                    await Task.Delay(Pause, TestContext.Current.CancellationToken);
                }
            }

            return killer;
        }
        catch
        {
            await killer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to kill.</summary>
    /// <param name="observers">Nodes that stay, through which a voter that starts again finds the others.</param>
    public void Begin(string[] observers)
    {
        _observers = observers;
        _killing = Task.Run(KillAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var voter in _voters.OfType<ProviderHandle>())
        {
            await voter.Node.StopAsync(new CancellationToken(canceled: true));
            await voter.DisposeAsync();
        }

        _stop.Dispose();
        _directory.Delete(recursive: true);
        await _killing;
    }

    private async Task StartVoterAsync(int index)
    {
        string[] others = [.. _voters.Where((voter, i) => i != index && voter is not null).Select(static voter => voter!.Address), .. _observers];
        var voter = ProviderHandle.Silo(_cluster, options =>
        {
            ProviderCluster.Configure(options, others);
            options.NodeId = _ids[index];
            options.Table!.Founding = index == 0 ? TableFounding.Single : TableFounding.Never;
            options.Table.DataDirectory = Path.Combine(_directory.FullName, _ids[index]);
        });
        _voters[index] = voter;
        await voter.Node.OpenAsync();
    }

    private async Task KillAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            for (var i = 0; i < Voters; i++)
            {
                var node = _voters[i]!.Node;
                if (await node.Runtime.Table!.Agreement.AskAsync(static (engine, _) => engine.IsLeading, CancellationToken.None))
                {
                    Kills++;
                    await node.Runtime.DisposeAsync();
                    await StartVoterAsync(i);
                }
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }
}
