using Orleans.Runtime;

namespace Orleans;

public sealed class MembershipTableData
{
    public MembershipTableData(List<Tuple<MembershipEntry, string>> list, TableVersion version)
    {
        ArgumentNullException.ThrowIfNull(list);
        list.Sort(static (x, y) => (x.Item1.Status == SiloStatus.Dead).CompareTo(y.Item1.Status == SiloStatus.Dead));
        (Members, Version) = (list, version);
    }

    public MembershipTableData(Tuple<MembershipEntry, string> tuple, TableVersion version) => (Members, Version) = ([tuple], version);

    public MembershipTableData(TableVersion version) => (Members, Version) = ([], version);

    public IReadOnlyList<Tuple<MembershipEntry, string>> Members { get; }

    public TableVersion Version { get; }

    public Tuple<MembershipEntry, string>? TryGet(SiloAddress silo) => Members.FirstOrDefault(member => member.Item1.SiloAddress.Equals(silo));
}
