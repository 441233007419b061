using System.Collections.Concurrent;
using Gossip;

namespace OrleansCluster.Silos;

/// <summary>A message from silo to silo. It is registered under the same number on all of them.</summary>
internal sealed record Refresh(string What, string From)
{
    public const int Number = MessageTypeNumber.FirstUser;
}

/// <summary>What a silo of the program can do beside its grains: a line or two of the library each. Grains get the same services by their constructors.</summary>
internal sealed class SiloCommands
{
    private readonly GossipNode _node;
    private readonly ILocalSiloDetails _silo;
    private readonly IClusterMembershipService _membership;
    private readonly DeathRecord _deaths;
    private readonly ConcurrentQueue<Received> _inbox = [];

    public SiloCommands(GossipNode node, GossipMessaging messages, ILocalSiloDetails silo, IClusterMembershipService membership, DeathRecord deaths)
    {
        (_node, _silo, _membership, _deaths) = (node, silo, membership, deaths);
        messages.Handle<Refresh>((message, _, _) =>
        {
            _inbox.Enqueue(new Received(message.What, message.From));
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Runs one command; the result is what the answer carries.</summary>
    public async Task<object?> RunAsync(string verb, string[] words)
    {
        switch ((verb, words))
        {
            case (Verb.Status, _):
                var view = _membership.CurrentSnapshot;
                return new Status(
                    _silo.SiloAddress.ToParsableString(),
                    view.Version.Value,
                    [.. view.Members.Values.Select(static member => new Peer(member.Name, member.SiloAddress.ToParsableString(), member.Status))]);
            case (Verb.Death, [var silo]):
                return _deaths.Find(silo);
            case (Verb.Send, [var tag, var text]):
                var sent = await _node.Messages.SendAsync(Target.Tag(tag), new Refresh(text, _silo.Name));
                return sent.Targets.Count(static target => target.Outcome == SendOutcome.Handled);
            case (Verb.Inbox, _):
                return _inbox.ToArray();
            case (Verb.AddTag, [var tag]):
                await _node.AddTagAsync(tag);
                return null;
            case (Verb.RemoveTag, [var tag]):
                await _node.RemoveTagAsync(tag);
                return null;
            default:
                throw new ArgumentException($"A silo cannot '{verb} {string.Join(' ', words)}'.", nameof(verb));
        }
    }
}
