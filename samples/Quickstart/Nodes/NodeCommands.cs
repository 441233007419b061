using System.Collections.Concurrent;
using System.Globalization;
using Gossip;

namespace Quickstart.Nodes;

/// <summary>A message of the tour.</summary>
internal sealed record Note(string Text);

/// <summary>A request of the tour.</summary>
internal sealed record Question(string Text);

/// <summary>The reply to a <see cref="Question"/>.</summary>
internal sealed record Reply(string Text, int ProcessId);

/// <summary>What a node of the tour can do: a line or two of the library each.</summary>
internal sealed class NodeCommands
{
    /// <summary>The metadata key under which a node says its name.</summary>
    public const string NameKey = "name";

    private readonly GossipNode _node;
    private readonly ConcurrentQueue<Received> _inbox = [];

    public NodeCommands(GossipNode node)
    {
        _node = node;
        node.Messages.Handle<Note>((note, context, _) =>
        {
            _inbox.Enqueue(new Received(context.Sender.Id.ToString(), note.Text));
            return ValueTask.CompletedTask;
        });
        node.Messages.HandleRequest<Question, Reply>((question, _, _) =>
            ValueTask.FromResult(new Reply(question.Text.ToUpperInvariant(), Environment.ProcessId)));
    }

    public bool HasLeft { get; private set; }

    public static Peer Describe(ClusterMember member) => new(
        member.Metadata.ConvertOr(NameKey, member.Id.Prefix),
        member.Id.ToString(),
        member.Instance.Generation,
        member.Address.ToString(),
        member.State,
        [.. member.Tags],
        new(member.Metadata.ToDictionary(pair => pair.Key, pair => new TypedText(pair.Value.Kind, pair.Value.ToString())), StringComparer.Ordinal),
        member.IsLocal);

    /// <summary>Runs one command; the result is what the answer carries.</summary>
    public async Task<object?> RunAsync(string verb, string[] words)
    {
        switch (verb)
        {
            case Verb.Set:
                // All in one update, so that others see them together.
                await _node.UpdateAsync(update =>
                {
                    foreach (var pair in words.Chunk(2))
                    {
                        update.Set(pair[0], Typed(pair[1]));
                    }
                });
                return null;
            case Verb.Delete:
                await _node.DeleteMetadataAsync(words[0]);
                return null;
            case Verb.AddTag:
                await _node.AddTagAsync(words[0]);
                return null;
            case Verb.RemoveTag:
                await _node.RemoveTagAsync(words[0]);
                return null;
            case Verb.Send:
                return await SendAsync(Target.Tag(words[0]), words[1]);
            case Verb.Broadcast:
                return await SendAsync(Target.All, words[0]);
            case Verb.Inbox:
                return _inbox.ToArray();
            case Verb.Request:
                var reply = await _node.Messages.RequestAsync<Question, Reply>(NodeId.Parse(words[0]), new Question(words[1]));
                return new ReplyText(reply.Text, reply.ProcessId);
            case Verb.Explain:
                return Describe(await _node.ExplainAsync(NodeId.Parse(words[0])));
            case Verb.Leave:
                await _node.LeaveAsync();
                HasLeft = true;
                return null;
            default:
                throw new ArgumentException($"A node cannot '{verb}'.", nameof(verb));
        }
    }

    private async Task<Receipt[]> SendAsync(Target target, string text)
    {
        var sent = await _node.Messages.SendAsync(target, new Note(text));
        return [.. sent.Targets.Select(result => new Receipt(result.Target.Id.ToString(), result.Outcome, result.Error))];
    }

    private static Reasons? Describe(Explanation? explanation) => explanation is null
        ? null
        : new Reasons(
            explanation.Member.State,
            [.. explanation.Evidence.Select(item => item.Kind)],
            [.. explanation.Accusers.Select(id => id.ToString())],
            explanation.DeclaredDeadBy?.ToString(),
            explanation.ToString());

    /// <summary>Metadata has types; text from a command line becomes the narrowest that reads it.</summary>
    private static MetadataValue Typed(string text)
    {
        var culture = CultureInfo.InvariantCulture;
        return bool.TryParse(text, out var truth) ? truth
            : long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var integer) ? integer
            : double.TryParse(text, NumberStyles.Float, culture, out var number) ? number
            : DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : text;
    }
}
