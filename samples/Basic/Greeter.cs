using Gossip;
using Microsoft.Extensions.Hosting;

namespace Basic;

/// <summary>A message. It is registered under one number on every node.</summary>
internal sealed record Greeting(string Text);

/// <summary>Prints who comes and goes, and greets who comes.</summary>
internal sealed class Greeter : BackgroundService
{
    private readonly GossipNode _node;
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Greeter(GossipNode node)
    {
        _node = node;

        // The host makes its services before it starts them, so the handler is there before the first greeting can come.
        node.Messages.Handle<Greeting>(OnGreeting);
    }

    /// <summary>Ends with the first greeting.</summary>
    public Task Greeted => _greeted.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Say($"I am {_node.Instance} at {_node.View.Local.Address}");
        await foreach (var change in _node.WatchAsync(stoppingToken))
        {
            var member = change.Member;
            Say($"{change.Kind}: {member}, tags: {string.Join(", ", member.Tags)}");
            if (change.Kind is ClusterChangeKind.Added or ClusterChangeKind.Restarted && !member.IsLocal && member.IsPresent)
            {
                var greeting = new Greeting($"Hello {member.Id.Prefix}!");
                var sent = await _node.Messages.SendAsync(Target.Node(member.Id), greeting, cancellationToken: stoppingToken);
                Say($"greeted {member.Id.Prefix}: {sent.Targets[0].Outcome}");
            }
        }
    }

    private ValueTask OnGreeting(Greeting greeting, MessageContext context, CancellationToken cancellationToken)
    {
        Say($"{context.Sender.Id.Prefix} says: {greeting.Text}");
        _greeted.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private void Say(string text) => Console.WriteLine($"[{_node.Id.Prefix}] {text}");
}
