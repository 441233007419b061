using System.Collections.Concurrent;
using Gossip;

namespace Node;

/// <summary>What nodes send each other here.</summary>
internal sealed record Note(string Text);

/// <summary>Keeps what was received, once for each time that it was.</summary>
internal sealed class Inbox(GossipNode node) : IHostedService
{
    private readonly ConcurrentQueue<string> _received = new();
    private IDisposable? _handler;

    public string[] Received => [.. _received];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _handler = node.Messages.Handle<Note>((note, _, _) =>
        {
            _received.Enqueue(note.Text);
            return ValueTask.CompletedTask;
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _handler?.Dispose();
        return Task.CompletedTask;
    }
}
