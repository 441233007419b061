using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using Gossip.Bench.Agents;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Clusters;

/// <summary>The peer: agents of serf with the defaults of their profile. Their log lines are stamped when they arrive here.</summary>
internal sealed partial class SerfCluster(int nodes, Func<int, Place> placeOf, GossipProfile profile) : Cluster(nodes, placeOf)
{
    private const string Program = "serf";
    private const int BasePort = 22000;
    private const int BaseRpcPort = 23000;
    private const int PayloadBytes = 100;

    private static readonly TimeSpan SeedStart = TimeSpan.FromSeconds(1.5);
    private static readonly FrozenDictionary<string, string> NoVariables = FrozenDictionary<string, string>.Empty;

    /// <summary>The version, or null when the peer is not installed.</summary>
    public static async Task<string?> FindVersionAsync()
    {
        var (succeeded, output) = await ShellCommand.RunAsync(Program, "version");
        return succeeded ? output.Split('\n')[0].Trim() : null;
    }

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        Start(0);
        await Task.Delay(SeedStart, cancellationToken);
    }

    public override void JoinOthers()
    {
        for (var number = 1; number < Nodes; number++)
        {
            Start(number);
        }
    }

    public override async Task BroadcastAsync(int number)
    {
        string[] command = [Program, "event", "-coalesce=false", $"-rpc-addr={Place.Loopback}:{BaseRpcPort}", Event(number), new string('x', PayloadBytes)];
        string[] all = PlaceOf(0).Namespace is { } name ? [NetworkNamespace.Program, "netns", "exec", name, .. command] : command;
        var (succeeded, output) = await ShellCommand.RunAsync(all[0], all[1..]);
        if (!succeeded)
        {
            throw new MeasurementException($"serf event failed: {output}");
        }
    }

    private static string Event(int number) => $"event{number}";

    private void Start(int number)
    {
        var place = PlaceOf(number);
        string[] command =
        [
            Program, "agent", $"-node=n{number}", $"-bind={place.Address}:{BasePort + number}",
            $"-rpc-addr={Place.Loopback}:{BaseRpcPort + number}", $"-profile={profile.ToString().ToLowerInvariant()}", "-log-level=debug",
        ];
        string[] join = number == 0 ? [] : [$"-retry-join={PlaceOf(0).Address}:{BasePort}"];
        Processes.Add(new MemberProcess(number, place, [.. command, .. join], NoVariables, (at, line) => OnLine(at, number, line)));
    }

    private void OnLine(long at, int observer, string line)
    {
        if (MemberLine().Match(line) is { Success: true } member)
        {
            var kind = member.Groups["event"].Value == "Join" ? ObservationKind.Up : ObservationKind.Dead;
            Log.Add(new Observation(at, observer, kind, Number(member), ""));
        }
        else if (SuspectLine().Match(line) is { Success: true } suspect)
        {
            Log.Add(new Observation(at, observer, ObservationKind.Suspected, Number(suspect), ""));
        }
        else if (UserLine().Match(line) is { Success: true } user)
        {
            Log.Add(new Observation(at, observer, ObservationKind.Heard, observer, user.Groups["number"].Value));
        }
    }

    private static int Number(Match match) => int.Parse(match.Groups["node"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"serf: EventMember(?<event>Join|Failed|Leave): n(?<node>\d+) ")]
    private static partial Regex MemberLine();

    [GeneratedRegex(@"Suspect n(?<node>\d+) has failed")]
    private static partial Regex SuspectLine();

    [GeneratedRegex(@"Received event: user-event: event(?<number>\d+)")]
    private static partial Regex UserLine();
}
