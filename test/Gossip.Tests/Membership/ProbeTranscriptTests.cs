using System.Globalization;
using System.Text;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>
/// The course of single probes as transcripts that read like a conversation: a command, a line of dashes, and what node a did.
/// A failure prints the transcript as it came out, ready to be put into the file when the change is meant.
/// </summary>
/// <remarks>
/// Commands: <c>cluster a b c</c> starts a, which knows the others; <c>probe b</c>; <c>advance 300ms</c>; <c>ack b</c> and <c>nack c</c> answer
/// the question that was last asked of that node; <c>request c b</c> has c ask a to probe b; <c>refuse b</c> and <c>break b</c>
/// end the stream to b; <c>accuse b by d</c> passes on an accusation; <c>member b</c> shows what a thinks of b and why.
/// </remarks>
public class ProbeTranscriptTests
{
    private const string Folder = "test/Gossip.Tests/Membership/Transcripts";
    private const string Dashes = "----";

    public static TheoryData<string> Names => ["direct", "indirect", "nacks", "refused", "broken", "relay", "accusers", "two-nodes"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Probes_go_as_written(string name)
    {
        var expected = RepositoryFile.Read([.. Folder.Split('/'), name + ".txt"]);
        var actual = new StringBuilder();
        var run = new Run();
        foreach (var block in expected.Split("\n\n"))
        {
            var command = block[..(block.IndexOf(Dashes, StringComparison.Ordinal) is > 0 and var end ? end : block.Length)].TrimEnd();
            actual.Append(actual.Length > 0 ? "\n" : "").Append(command).Append('\n');
            if (block.Contains(Dashes, StringComparison.Ordinal))
            {
                var lines = command.Split('\n').Where(line => !line.StartsWith('#')).SelectMany(run.Execute).ToList();
                actual.Append(Dashes).Append('\n').AppendJoin("", lines.Select(line => line + "\n"));
            }
        }

        Assert.True(expected.TrimEnd() == actual.ToString().TrimEnd(), $"{name}.txt went like this:\n\n{actual}");
    }

    /// <summary>One transcript under way. No schedule interferes: all probes are asked for.</summary>
    private sealed class Run
    {
        private const double SuspicionSeconds = 1;

        private static readonly ProtocolTiming Timing = ProtocolTiming.Lan with
        {
            ProbeInterval = TimeSpan.FromHours(1),
            SuspicionMultiplier = SuspicionSeconds / TimeSpan.SecondsPerHour,
        };

        private readonly Dictionary<ulong, int> _sequences = [];
        private readonly Dictionary<char, ulong> _asked = [];
        private int _own;
        private EngineHarness _a = new('a');

        public List<string> Execute(string line)
        {
            var words = line.Split(' ');
            var name = words[1][0];
            switch (words[0])
            {
                case "cluster":
                    Start(words[2..].Select(word => word[0]));
                    break;
                case "probe":
                    _a.Do((engine, now) => engine.OnDisconnected(now, TestNodes.Endpoint(name)));
                    break;
                case "advance":
                    _a.Advance(TimeSpan.FromMilliseconds(int.Parse(words[1].AsSpan(0, words[1].Length - "ms".Length), CultureInfo.InvariantCulture)));
                    break;
                case "ack":
                    _a.Answer(name, MessageKind.Ack, _asked[name]);
                    break;
                case "nack":
                    _a.Answer(name, MessageKind.Nack, _asked[name]);
                    break;
                case "request":
                    Request(name, words[2][0]);
                    break;
                case "refuse":
                case "break":
                    _a.Do((engine, now) => engine.OnUndeliverable(now, TestNodes.Endpoint(name), refused: words[0] == "refuse"));
                    break;
                case "accuse":
                    _a.Hear(words[3][0], TestNodes.Says(name, MemberState.Suspect, accuser: words[3][0]));
                    break;
                case "member":
                    return [Describe(_a.Member(name)), .. Evidence(_a.Member(name))];
                default:
                    throw new InvalidDataException($"Unknown command: {line}");
            }

            return Sent();
        }

        private void Start(IEnumerable<char> members)
        {
            _a = new EngineHarness(TestNodes.Options('a') with { Timing = Timing });
            _a.Do((engine, now) => engine.Start(now, joining: false));
            foreach (var member in members)
            {
                _a.Hear(member, TestNodes.Says(member, MemberState.Alive));
            }

            // Until the rumours of the start have died away.
            _a.Advance(Timing.GossipInterval * Timing.RetransmitLimit(_a.Engine.Table.Count) * _a.Engine.Table.Count);
            Assert.Equal(0, _a.Engine.SystemRumours.Count);
            _a.Take();
        }

        private void Request(char requester, char target)
        {
            const ulong requestersSequence = 70;
            _sequences[requestersSequence] = (int)requestersSequence;
            var request = new ProbeMessage { Sequence = requestersSequence, Target = TestNodes.Instance(target), Endpoint = TestNodes.Endpoint(target) };
            _a.Receive(requester, (ref WireWriter writer) => request.Write(ref writer, MessageKind.PingRequest));
        }

        /// <summary>Probes and answers alone, rumours left out, in the order of their receivers.</summary>
        private List<string> Sent()
        {
            List<string> lines = [];
            foreach (var packet in _a.Take())
            {
                if (TestPacket.Messages(packet.Bytes) is not [(MessageKind.Ping or MessageKind.Ack or MessageKind.PingRequest or MessageKind.Nack, var body, _) first, ..]
                    || !ProbeMessage.TryRead(body, out var probe))
                {
                    continue;
                }

                var to = TestNodes.Name(packet.To);
                if (_sequences.TryAdd(probe.Sequence, _own + 1))
                {
                    _own++;
                }

                _asked[to] = probe.Sequence;
                var about = probe.Target.Id.IsNone || TestNodes.Name(probe.Target.Id) == to ? "" : $" {TestNodes.Name(probe.Target.Id)}";
                var path = packet.Path == TransmitPath.Stream ? " over a stream" : "";
                lines.Add($"{first.Kind} #{_sequences[probe.Sequence]}{about} to {to}{path}");
            }

            return [.. lines.Order(StringComparer.Ordinal)];
        }

        private string Describe(Member member) =>
            $"{TestNodes.Name(member.Id)} is {member.State}; a has health score {_a.Engine.AwarenessScore}";

        private static IEnumerable<string> Evidence(Member member) =>
            member.Case?.ToArray().Select(entry => $"  {TestNodes.Name(entry.Witness)}: {entry.Kind}") ?? [];
    }
}
