namespace Gossip.Tests.Tables;

/// <summary>The guarantees on a register in one process, with two clients: what the client itself must see to.</summary>
public sealed class MemoryTableGuaranteeTests : TableGuarantees
{
    private protected override Task<ITableCluster> StartAsync(string name, TableOptions options) => Task.FromResult<ITableCluster>(new MemoryTableCluster(options));
}
