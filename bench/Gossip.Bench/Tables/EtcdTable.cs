using System.Text.Json;
using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>The peer: etcd with its defaults, three processes on loopback.</summary>
internal sealed class EtcdTable(string directory) : ITableSide
{
    private const int Keepers = 3;
    private const int ClientBase = 23700;
    private const int PeerBase = 23800;
    private const int PortStep = 10;
    private const int ValueBytes = 200;
    private const string Guard = "version";
    private const string RowPrefix = "row-";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>As the one that measured etcd before: a request to a member that waits for an election is given up and made to the next.</summary>
    private static readonly TimeSpan FailoverTimeout = TimeSpan.FromMilliseconds(250);

    private static readonly string Value = new('x', ValueBytes);

    private readonly EtcdClient _client = new();
    private readonly MemberProcess?[] _processes = new MemberProcess?[Keepers];

    public Side Side => Side.Peer;

    /// <summary>The first line of its version; null when it is not installed.</summary>
    public static async Task<string?> FindVersionAsync()
    {
        var (succeeded, output) = await ShellCommand.RunAsync("/bin/sh", "-c", "command -v etcd >/dev/null && etcd --version");
        return succeeded ? output.Split('\n')[0] : null;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Keepers; number++)
        {
            _processes[number] = Start(number, "new");
        }

        await WhenAllServeAsync(cancellationToken);
    }

    public Task ClearAsync(CancellationToken cancellationToken) =>
        _client.PostAsync(Port(0), "kv/deleterange", new { key = EtcdClient.Encode("\0"), range_end = EtcdClient.Encode("\0") }, Patience, cancellationToken);

    public ISwapper Swapper(int number) => new KeySwapper(_client, Port(number % Keepers));

    public Task<IRowOwner> RowOwnerAsync(int number, CancellationToken cancellationToken) => Task.FromResult<IRowOwner>(new RowOwner(_client, Port(number % Keepers), number));

    public async Task FillAsync(int rows, int bytes, CancellationToken cancellationToken)
    {
        for (var row = 0; row < rows; row++)
        {
            await _client.PostAsync(
                Port(0), "kv/put", new { key = EtcdClient.Encode($"filler-{row:d6}"), value = EtcdClient.Encode(new string('x', bytes)) }, Patience, cancellationToken);
        }
    }

    public async Task<int> KillLeaderAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Keepers; number++)
        {
            var status = await StatusAsync(number, cancellationToken);
            if (status.GetProperty("header").GetProperty("member_id").GetString() == status.GetProperty("leader").GetString())
            {
                _processes[number]!.Kill();
                return number;
            }
        }

        throw new MeasurementException("no etcd leads");
    }

    public async Task CommitAsync(int killed, CancellationToken cancellationToken)
    {
        for (var number = killed + 1; ; number++)
        {
            if (number % Keepers == killed)
            {
                continue;
            }

            try
            {
                var put = new { key = EtcdClient.Encode("swapped"), value = EtcdClient.Encode(Value) };
                var answer = await _client.PostAsync(Port(number % Keepers), "kv/put", put, FailoverTimeout, cancellationToken);
                if (answer.TryGetProperty("header", out _))
                {
                    return;
                }
            }
            catch (Exception e) when (IsRefusal(e))
            {
                cancellationToken.ThrowIfCancellationRequested(); // asks the next
            }
        }
    }

    public async Task RestartAsync(int number, CancellationToken cancellationToken)
    {
        await _processes[number]!.DisposeAsync();
        _processes[number] = Start(number, "existing");
        await WhenAllServeAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        _client.Dispose();
    }

    private static bool IsRefusal(Exception e) => e is HttpRequestException or OperationCanceledException or JsonException or IOException;

    private static int Port(int number) => ClientBase + (PortStep * number);

    private MemberProcess Start(int number, string state)
    {
        var peers = string.Join(',', Enumerable.Range(0, Keepers).Select(other => $"e{other}=http://127.0.0.1:{PeerBase + (PortStep * other)}"));
        string[] command =
        [
            "etcd", "--name", $"e{number}", "--data-dir", Path.Combine(directory, $"etcd-{number}"),
            "--listen-peer-urls", $"http://127.0.0.1:{PeerBase + (PortStep * number)}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{PeerBase + (PortStep * number)}",
            "--listen-client-urls", $"http://127.0.0.1:{Port(number)}", "--advertise-client-urls", $"http://127.0.0.1:{Port(number)}",
            "--initial-cluster", peers, "--initial-cluster-state", state,
            "--logger", "zap", "--log-level", "error", "--log-outputs", Path.Combine(directory, $"etcd-{number}.log"),
        ];
        return new MemberProcess(number, new Place(Place.Loopback, null), command, new Dictionary<string, string>(), (_, _) => { });
    }

    private Task<JsonElement> StatusAsync(int number, CancellationToken cancellationToken) =>
        _client.PostAsync(Port(number), "maintenance/status", new { }, TimeSpan.FromSeconds(1), cancellationToken);

    /// <summary>Until each of them serves a read that a quorum has confirmed.</summary>
    private async Task WhenAllServeAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        for (var number = 0; number < Keepers;)
        {
            try
            {
                var answer = await _client.PostAsync(Port(number), "kv/range", new { key = EtcdClient.Encode(Guard) }, TimeSpan.FromSeconds(1), patience.Token);
                number += answer.TryGetProperty("header", out _) ? 1 : 0;
            }
            catch (Exception e) when (IsRefusal(e) && !patience.IsCancellationRequested)
            {
                await Task.Delay(Poll, patience.Token);
            }
        }
    }

    /// <summary>What it expects it learns from the answers: a swap that was done tells the revision it made, one that was not the revision that is.</summary>
    private sealed class KeySwapper(EtcdClient client, int port) : ISwapper
    {
        private long _revision;

        public Task PrepareAsync() => Task.CompletedTask;

        public async Task<bool> TrySwapAsync()
        {
            (var done, _revision) = await client.SwapAsync(port, "swapped", _revision, [("swapped", Value)], Patience, CancellationToken.None);
            return done;
        }
    }

    private sealed class RowOwner(EtcdClient client, int port, int number) : IRowOwner
    {
        public Task<IAsyncDisposable?> TakeTurnAsync(CancellationToken cancellationToken) => Task.FromResult<IAsyncDisposable?>(null);

        public async Task<bool> TryWriteAsync(string state, CancellationToken cancellationToken)
        {
            // All rows, and the version that guards them, as a provider of a membership table reads them.
            await client.PostAsync(port, "kv/range", new { key = EtcdClient.Encode(RowPrefix), range_end = EtcdClient.Encode("row." /* what follows the prefix */) }, Patience, cancellationToken);
            var guard = await client.PostAsync(port, "kv/range", new { key = EtcdClient.Encode(Guard) }, Patience, cancellationToken);
            var (done, _) = await client.SwapAsync(
                port, Guard, EtcdClient.RevisionOf(guard), [(Guard, state), ($"{RowPrefix}{number}", state.PadRight(ValueBytes))], Patience, cancellationToken);
            return done;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
