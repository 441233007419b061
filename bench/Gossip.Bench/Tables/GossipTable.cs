using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>The table of this library: three processes that keep it, and observers in this one, so that clients speak to it over the network as those of the peer do.</summary>
internal sealed class GossipTable(string directory) : ITableSide
{
    private const int Keepers = 3;
    private const int ValueBytes = 200;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly string[] _addresses = FreeAddresses(Keepers);
    private readonly string _cluster = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}-{Guid.NewGuid():N}");
    private readonly AgentProcess?[] _agents = new AgentProcess?[Keepers];
    private GossipNode? _observer;

    public Side Side => Side.Ours;

    private ITableClient Table => _observer!.Table;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Keepers; number++)
        {
            _agents[number] = new AgentProcess(Arguments(number));
        }

        await Task.WhenAll(_agents.Select(agent => agent!.WhenReadyAsync(cancellationToken)));
        _observer = await ObserveAsync(cancellationToken);
        await WhenAllServeAsync(cancellationToken);
    }

    public Task ClearAsync(CancellationToken cancellationToken) => Table.DeleteAllAsync(cancellationToken);

    public ISwapper Swapper(int number) => new RowSwapper(Table);

    public async Task<IRowOwner> RowOwnerAsync(int number, CancellationToken cancellationToken) => new RowOwner(await ObserveAsync(cancellationToken), $"row-{number}");

    public async Task FillAsync(int rows, int bytes, CancellationToken cancellationToken)
    {
        var row = 0;
        while (row < rows)
        {
            var table = await Table.ReadAllAsync(cancellationToken);
            row += await Table.InsertRowAsync($"filler-{row:d6}", new byte[bytes], table.Version, cancellationToken: cancellationToken) ? 1 : 0;
        }
    }

    public async Task<int> KillLeaderAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < Keepers; number++)
        {
            if ((await _agents[number]!.ReadStatusAsync(cancellationToken)).IsInCharge)
            {
                _agents[number]!.Kill();
                return number;
            }
        }

        throw new MeasurementException("nobody is in charge");
    }

    public async Task CommitAsync(int killed, CancellationToken cancellationToken)
    {
        var swapper = Swapper(0);
        while (true)
        {
            try
            {
                await swapper.PrepareAsync();
                if (await swapper.TrySwapAsync())
                {
                    return;
                }
            }
            catch (TableUnavailableException)
            {
                cancellationToken.ThrowIfCancellationRequested(); // tries again
            }
        }
    }

    public async Task RestartAsync(int number, CancellationToken cancellationToken)
    {
        await _agents[number]!.DisposeAsync();
        _agents[number] = new AgentProcess(Arguments(number));
        await _agents[number]!.WhenReadyAsync(cancellationToken);
        await WhenAllServeAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_observer is not null)
        {
            await _observer.DisposeAsync();
        }

        foreach (var agent in _agents)
        {
            if (agent is not null)
            {
                await agent.DisposeAsync();
            }
        }
    }

    private TableAgentArguments Arguments(int number) => new(number, _cluster, Path.Combine(directory, $"ours-{number}"), _addresses);

    /// <summary>A node that uses the table and has no say in it.</summary>
    private async Task<GossipNode> ObserveAsync(CancellationToken cancellationToken)
    {
        var node = await GossipNode.StartAsync(Arguments(0).Options(address: null, new TableOptions { Votes = false }), cancellationToken: cancellationToken);
        while (!(await node.GetTableStatusAsync(cancellationToken)).HasQuorum)
        {
            await Task.Delay(Poll, cancellationToken);
        }

        return node;
    }

    private async Task WhenAllServeAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StartPatience);
        foreach (var agent in _agents)
        {
            while (await agent!.ReadStatusAsync(patience.Token) is not { HasSeat: true, Serving: Keepers })
            {
                await Task.Delay(Poll, patience.Token);
            }
        }

        while (new TableAgentStatus(await _observer!.GetTableStatusAsync(patience.Token)).Serving != Keepers)
        {
            await Task.Delay(Poll, patience.Token);
        }
    }

    private static string[] FreeAddresses(int count)
    {
        List<Socket> held = [];
        while (held.Count < count)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            held.Add(socket);
        }

        string[] addresses = [.. held.Select(socket => socket.LocalEndPoint!.ToString()!)];
        held.ForEach(socket => socket.Dispose());
        return addresses;
    }

    private sealed class RowSwapper(ITableClient table) : ISwapper
    {
        private const string Key = "swapped";

        private readonly byte[] _value = new byte[ValueBytes];
        private TableSnapshot? _seen;

        public async Task PrepareAsync() => _seen = await table.ReadAllAsync();

        public Task<bool> TrySwapAsync() => _seen!.Find(Key) is { } row
            ? table.UpdateRowAsync(Key, _value, row.Etag, _seen.Version)
            : table.InsertRowAsync(Key, _value, _seen.Version);
    }

    private sealed class RowOwner(GossipNode node, string key) : IRowOwner
    {
        public async Task<IAsyncDisposable?> TakeTurnAsync(CancellationToken cancellationToken) => await node.Table.TakeTurnAsync(cancellationToken);

        public async Task<bool> TryWriteAsync(string state, CancellationToken cancellationToken)
        {
            var value = System.Text.Encoding.UTF8.GetBytes(state.PadRight(ValueBytes));
            var table = await node.Table.ReadAllAsync(cancellationToken);
            return table.Find(key) is { } row
                ? await node.Table.UpdateRowAsync(key, value, row.Etag, table.Version, cancellationToken: cancellationToken)
                : await node.Table.InsertRowAsync(key, value, table.Version, cancellationToken: cancellationToken);
        }

        public ValueTask DisposeAsync() => node.DisposeAsync();
    }
}
