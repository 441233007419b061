using Orleans.Runtime;

namespace Orleans;

/// <summary>Both faces, as in the version that the tree names: whoever implements only one gets the other.</summary>
public interface IMembershipTable
{
    Task InitializeMembershipTable(bool tryInitTableVersion);

    Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) => InitializeMembershipTable(tryInitTableVersion);

    Task DeleteMembershipTableEntries(string clusterId);

    Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) => DeleteMembershipTableEntries(clusterId);

    Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate);

    Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) => CleanupDefunctSiloEntries(beforeDate);

    Task<MembershipTableData> ReadRow(SiloAddress key);

    Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => ReadRow(key);

    Task<MembershipTableData> ReadAll();

    Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) => ReadAll();

    Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion);

    Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) => InsertRow(entry, tableVersion);

    Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion);

    Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) => UpdateRow(entry, etag, tableVersion);

    Task UpdateIAmAlive(MembershipEntry entry);

    Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) => UpdateIAmAlive(entry);
}
