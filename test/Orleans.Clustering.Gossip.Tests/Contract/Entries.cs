using System.Globalization;
using System.Net;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Entries of silos as the suites of Orleans make them: one address, and a generation each.</summary>
internal static class Entries
{
    public static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private static int _generation;

    public static MembershipEntry New(SiloStatus status = SiloStatus.Joining) => New(Interlocked.Increment(ref _generation), status);

    public static MembershipEntry New(int generation, SiloStatus status) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 12345, generation),
        Status = status,
        HostName = "host",
        SiloName = "silo " + generation.ToString(CultureInfo.InvariantCulture),
        RoleName = "role",
        ProxyPort = 30000,
        UpdateZone = 3,
        FaultZone = 4,
        StartTime = Noon,
        IAmAliveTime = Noon,
    };

    public static Tuple<SiloAddress, DateTime> Vote(int generation, int seconds) => Tuple.Create(SiloAddress.New(IPAddress.Loopback, 12345, generation), Noon.AddSeconds(seconds));

    /// <summary>All fields, to the last tick.</summary>
    public static string Describe(MembershipEntry entry) => string.Join(' ', Fields(entry, withHeartbeat: true));

    /// <summary>All fields but the heartbeat.</summary>
    public static string Canonical(MembershipEntry entry) => string.Join(' ', Fields(entry, withHeartbeat: false));

    public static string Describe(MembershipTableData table) => string.Join('\n', table.Members
        .OrderBy(member => member.Item1.SiloAddress)
        .Select(member => $"{member.Item2} {Describe(member.Item1)}")
        .Prepend($"{table.Version.Version} {table.Version.VersionEtag}"));

    private static IEnumerable<string> Fields(MembershipEntry entry, bool withHeartbeat)
    {
        yield return entry.SiloAddress.ToParsableString();
        yield return $"{entry.Status} {entry.ProxyPort} {entry.HostName} {entry.SiloName} {entry.RoleName ?? "null"} {entry.UpdateZone} {entry.FaultZone}";
        yield return Time(entry.StartTime);
        yield return withHeartbeat ? Time(entry.IAmAliveTime) : "";
        yield return entry.SuspectTimes is null ? "none" : string.Join(',', entry.SuspectTimes.Select(vote => $"{vote.Item1.ToParsableString()}={Time(vote.Item2)}"));
    }

    private static string Time(DateTime time) => $"{time.Ticks}{time.Kind}";
}
