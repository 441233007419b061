using Orleans.Runtime;

namespace Orleans;

public sealed class MembershipEntry
{
    public SiloAddress SiloAddress { get; set; } = null!;

    public SiloStatus Status { get; set; }

    public List<Tuple<SiloAddress, DateTime>>? SuspectTimes { get; set; }

    public int ProxyPort { get; set; }

    public string HostName { get; set; } = null!;

    public string SiloName { get; set; } = null!;

    public string? RoleName { get; set; }

    public int UpdateZone { get; set; }

    public int FaultZone { get; set; }

    public DateTime StartTime { get; set; }

    public DateTime IAmAliveTime { get; set; }
}
