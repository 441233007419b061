using Gossip.Tables;

namespace Gossip.Tests.Tables;

/// <summary>Two clients of one register in memory.</summary>
internal sealed class MemoryTableCluster : ITableCluster
{
    private readonly CancellationTokenSource _stop = new();

    public MemoryTableCluster(TableOptions? options = null, TimeProvider? time = null)
    {
        for (var name = 'a'; name < 'a' + Handles; name++)
        {
            Clients.Add(new TableClient(Register, Gossip.Join(name), options ?? new TableOptions(), time ?? TimeProvider.System, _stop.Token));
        }
    }

    public int Handles => 2;

    public MemoryRegister Register { get; } = new();

    public MemoryGossip Gossip { get; } = new();

    public List<TableClient> Clients { get; } = [];

    public ITableClient Client => Clients[0];

    public ITableClient Other => Clients[1];

    public Task<ITableClient> HandleAsync(int index) => Task.FromResult<ITableClient>(Clients[index % Handles]);

    public Task StopAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Register.Dispose();
    }
}
