using System.Text.Json;
using Gossip.Bench.Clusters;
using Gossip.Bench.Measurements;

namespace Gossip.Bench.Reports;

/// <summary>The results for programs.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static async Task WriteAsync(string path, MembershipCampaign campaign, CommandLine command)
    {
        var content = new
        {
            Time = DateTimeOffset.UtcNow,
            Processors = Environment.ProcessorCount,
            command.Runs,
            command.InProcess,
            Profile = command.Profile.ToString(),
            GossipCluster.RuntimeSettings,
            campaign.Notes,
            campaign.Failures,
            Results = campaign.Results.All.Select(result => new
            {
                result.Metric.Target,
                Name = result.Metric.Name.Trim(),
                result.Nodes,
                result.Metric.Unit,
                Judged = result.Metric.Judged.ToString(),
                result.Ours,
                result.Peers,
                result.Ratio,
                Goal = result.Metric.GoalFor(result.Nodes),
                result.Metric.GoalOfPeer,
                result.IsMet,
            }),
        };
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, content, Indented);
    }
}
