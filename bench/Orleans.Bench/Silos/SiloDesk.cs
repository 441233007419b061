using System.Globalization;
using System.Net;
using System.Text.Json;
using Gossip;

namespace Orleans.Bench.Silos;

/// <summary>Answers what a silo is asked.</summary>
internal sealed class SiloDesk(GossipNode node, ILocalSiloDetails silo, IClusterMembershipService membership, IMembershipTable table, IGrainFactory grains, DeathWatch deaths)
{
    private const int NoPort = 1;
    private static int _lastGeneration;

    public async Task<Answer> AnswerAsync(Command command)
    {
        try
        {
            return new Answer(command.Number, JsonSerializer.SerializeToElement(await DoAsync(command)), null);
        }
        catch (Exception e)
        {
            return new Answer(command.Number, null, e.Message);
        }
    }

    private async Task<object?> DoAsync(Command command) => command.Verb switch
    {
        Verb.Report => await ReportAsync(),
        Verb.Death => deaths.Find(command.Word),
        Verb.Read => (await table.ReadAllAsync(CancellationToken.None)).Version.Version,
        Verb.Write => await WriteAsync(),
        Verb.Call => await grains.GetGrain<IPlaceGrain>(long.Parse(command.Word, CultureInfo.InvariantCulture)).WhereAsync(),
        _ => throw new ArgumentException($"A silo cannot '{command.Verb}'.", nameof(command)),
    };

    private async Task<SiloReport> ReportAsync()
    {
        var status = await node.GetTableStatusAsync();
        return new SiloReport(
            silo.SiloAddress.ToParsableString(),
            membership.CurrentSnapshot.Members.Values.ToDictionary(static member => member.SiloAddress.ToParsableString(), static member => member.Status.ToString()),
            status.IsInCharge,
            status.HasSeat,
            status.Acceptors.Length,
            status.Diagnosis);
    }

    private async Task<bool> WriteAsync()
    {
        var read = await table.ReadAllAsync(CancellationToken.None);
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, NoPort), Interlocked.Increment(ref _lastGeneration)),
            Status = SiloStatus.Dead,
            HostName = "nobody",
            SiloName = "nobody",
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        };
        return await table.InsertRowAsync(entry, read.Version.Next(), CancellationToken.None);
    }
}

/// <summary>A grain that says where it is.</summary>
public interface IPlaceGrain : IGrainWithIntegerKey
{
    /// <summary>The address of its silo.</summary>
    Task<string> WhereAsync();
}

/// <inheritdoc cref="IPlaceGrain"/>
public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    /// <inheritdoc/>
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}
