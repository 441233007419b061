using System.Diagnostics;
using System.Globalization;

namespace Gossip.Bench.Agents;

/// <summary>One node under measurement, with default options but for its place, and what it reports.</summary>
internal sealed class AgentNode
{
    private const int BroadcastType = MessageTypeNumber.FirstUser;
    private const int QuestionType = MessageTypeNumber.FirstUser + 1;

    /// <summary>The peer's user event is measured with as many.</summary>
    private const int BroadcastBytes = 100;

    private readonly int _number;
    private readonly AgentArguments _arguments;
    private readonly GossipNode _node;

    public AgentNode(int number, AgentArguments arguments)
    {
        _number = number;
        _arguments = arguments;
        var options = new GossipOptions
        {
            BindAddress = $"{arguments.Address}:{arguments.BasePort + number}",
            Profile = arguments.Profile,
            // Only a network namespace without a way out has addresses other than loopback here.
            AllowPlaintext = arguments.Key.Length == 0,
        };
        if (arguments.Key.Length > 0)
        {
            options.EncryptionKeys.Add(arguments.Key);
        }

        options.Seeds.Add($"{arguments.SeedAddress}:{arguments.BasePort}");
        _node = GossipNode.Create(options);
        _node.Messages.Handle(BroadcastType, (context, _) =>
        {
            Report(ObservationKind.Heard, _number, context.Headers[nameof(Agent.Broadcast)]);
            return ValueTask.CompletedTask;
        });
        _node.Messages.HandleRequest(QuestionType, static (context, _) => new(context.Payload));
    }

    /// <summary>Joins, and begins to report what the view shows.</summary>
    public async Task JoinAsync()
    {
        await _node.OpenAsync();
        _ = WatchAsync();
    }

    public async Task BroadcastAsync(int number)
    {
        var name = number.ToString(CultureInfo.InvariantCulture);
        Report(ObservationKind.Heard, _number, name);
        await _node.Messages.SendAsync(
            Target.All,
            BroadcastType,
            MessagePayload.FromBytes(new byte[BroadcastBytes]),
            new SendOptions { Delivery = Delivery.BestEffort, Headers = new Dictionary<string, string> { [nameof(Agent.Broadcast)] = name } });
    }

    /// <summary>Asks all others, and reports how many answered in how many milliseconds.</summary>
    public async Task AskAllAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var answered = 0;
        await foreach (var reply in _node.Messages.RequestEachAsync(Target.All, QuestionType, MessagePayload.Empty))
        {
            answered += reply.Error is null ? 1 : 0;
        }

        Report(ObservationKind.Answered, answered, Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    private async Task WatchAsync()
    {
        await foreach (var change in _node.WatchAsync())
        {
            if (change.Kind == ClusterChangeKind.Updated || change.Current is not { IsLocal: false } member)
            {
                continue;
            }

            var kind = member.State switch
            {
                MemberState.Alive => ObservationKind.Up,
                MemberState.Suspect => ObservationKind.Suspected,
                _ => ObservationKind.Dead,
            };
            Report(kind, NumberOf(member), "");
            if (member.State == MemberState.Dead)
            {
                await ExplainAsync(member.Id);
            }
        }
    }

    /// <summary>Reports the evidence in its order, at the times that the engine put it on file.</summary>
    private async Task ExplainAsync(NodeId id)
    {
        if (await _node.ExplainAsync(id) is { } explanation)
        {
            var (wall, monotonic) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
            foreach (var item in explanation.Evidence)
            {
                var at = monotonic - (long)((wall - item.Time).TotalSeconds * Stopwatch.Frequency);
                var witness = _node.View.Find(item.Witness) is { } member ? NumberOf(member) : _number;
                Agent.Write(new Observation(at, _number, ObservationKind.Evidence, witness, $"{NumberOf(explanation.Member)} {item.Kind}"));
            }
        }
    }

    private int NumberOf(ClusterMember member) => member.Address.Port - _arguments.BasePort;

    private void Report(ObservationKind kind, int subject, string text) =>
        Agent.Write(new Observation(Stopwatch.GetTimestamp(), _number, kind, subject, text));
}
