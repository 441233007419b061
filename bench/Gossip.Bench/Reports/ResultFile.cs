using System.Text.Json;
using Gossip.Bench.Measurements;

namespace Gossip.Bench.Reports;

/// <summary>The results for programs: they are written by campaigns, and several are read to be one table.</summary>
internal static class ResultFile
{
    public static async Task WriteAsync(string path, MembershipCampaign campaign, CommandLine command)
    {
        var content = new ResultDocument
        {
            Time = DateTimeOffset.UtcNow,
            Processors = Environment.ProcessorCount,
            Runs = command.Runs,
            InProcess = command.InProcess,
            Profile = command.Profile.ToString(),
            Agents = campaign.Agents.ToString(),
            Notes = campaign.Notes,
            Failures = campaign.Failures,
            Results = [.. campaign.Results.All.Select(result => new ResultDocument.Entry
            {
                Target = result.Metric.Target,
                Name = result.Metric.Name.Trim(),
                Nodes = result.Nodes,
                Unit = result.Metric.Unit,
                Judged = result.Metric.Judged.ToString(),
                Ours = result.Ours,
                Peers = result.Peers,
                Ratio = result.Ratio,
                Goal = result.Metric.GoalFor(result.Nodes),
                GoalOfPeer = result.Metric.GoalOfPeer,
                IsMet = result.IsMet,
            })],
        };
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, content, ResultJson.Default.ResultDocument);
    }

    /// <summary>Adds all samples of a file to <paramref name="results"/>, and each of its notes that is not there yet.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or of another version.</exception>
    public static void Read(string path, ResultSet results, List<string> notes)
    {
        var content = Parse(path);
        foreach (var entry in content.Results)
        {
            var metric = Metric.Find(entry.Name) ?? throw new InvalidDataException($"{path}: nothing is called \"{entry.Name}\" any more.");
            results.AddAll(metric, entry.Nodes, Side.Ours, entry.Ours);
            results.AddAll(metric, entry.Nodes, Side.Peer, entry.Peers);
        }

        notes.AddRange(content.Notes.Where(note => !notes.Contains(note)));
    }

    private static ResultDocument Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ResultJson.Default.ResultDocument) ?? throw new InvalidDataException($"{path} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} holds no results: {e.Message}", e);
        }
    }
}
