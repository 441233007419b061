using System.Globalization;
using System.Threading.Channels;
using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Messages;

/// <summary>The other process of this library: it counts messages, and answers requests. The end of its input is its end.</summary>
internal static class GossipMessageAgent
{
    public const string Verb = "message-agent";
    public const int OneWay = MessageTypeNumber.FirstUser;
    public const int Handled = MessageTypeNumber.FirstUser + 1;
    public const int Echo = MessageTypeNumber.FirstUser + 2;

    /// <summary>Messages beyond this wait with their sender.</summary>
    public static MessagingOptions Messaging { get; } = new() { HandlerQueue = 1 << 16 };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new GossipOptions { ClusterName = arguments[1], BindAddress = "127.0.0.1:0", Messaging = Messaging };
        if (arguments.Length > 2)
        {
            options.EncryptionKeys.Add(arguments[2]);
        }

        var count = 0L;
        await using var node = await GossipNode.StartAsync(options);
        node.Messages.Handle(
            OneWay,
            (_, _) =>
            {
                count++;
                return default;
            },
            new HandlerOptions { Ordering = MessageOrdering.BySender });
        node.Messages.HandleRequest(Handled, (_, _) => new(MessagePayload.FromText(count.ToString(CultureInfo.InvariantCulture))));
        node.Messages.HandleRequest(Echo, static (context, _) => new(context.Payload));
        Console.Out.WriteLine(node.View.Local.Address);
        while (await Task.Run(Console.In.ReadLine) is not null)
        {
            // Nothing is said to it but its end.
        }

        return 0;
    }
}

/// <summary>This library: a node here, and one in another process.</summary>
internal sealed class GossipMessages(string? key, Delivery delivery) : IMessageSide
{
    /// <summary>How many messages are unfinished at once.</summary>
    private const int Window = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Queue<Task<SendResult>> _unfinished = new(Window);
    private readonly SendOptions _options = new() { Delivery = delivery, Timeout = Patience };
    private MemberProcess? _process;
    private GossipNode? _node;
    private Target _target = Target.All;
    private NodeId _other;
    private long _sent;

    public Side Side => Side.Ours;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var name = $"bench-{Environment.ProcessId}-{Environment.TickCount64}";
        string[] arguments = key is null ? [GossipMessageAgent.Verb, name] : [GossipMessageAgent.Verb, name, key];
        _process = new MemberProcess(
            0, new Place(Place.Loopback, null), [.. AgentProgram.Running.Command, .. arguments], new Dictionary<string, string>(StringComparer.Ordinal), (_, line) => _lines.Writer.TryWrite(line));
        var options = new GossipOptions { ClusterName = name, BindAddress = "127.0.0.1:0", Messaging = GossipMessageAgent.Messaging };
        options.Seeds.Add(await _lines.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken));
        if (key is not null)
        {
            options.EncryptionKeys.Add(key);
        }

        _node = await GossipNode.StartAsync(options, cancellationToken: cancellationToken);
        await foreach (var change in _node.WatchAsync(cancellationToken))
        {
            if (!change.Member.IsLocal && change.Member.State == MemberState.Alive)
            {
                _other = change.Member.Id;
                _target = Target.Node(_other);
                return;
            }
        }
    }

    public async ValueTask SendAsync(byte[] content, CancellationToken cancellationToken)
    {
        if (_unfinished.Count == Window)
        {
            Check(await _unfinished.Dequeue());
        }

        _unfinished.Enqueue(_node!.Messages.SendAsync(_target, GossipMessageAgent.OneWay, MessagePayload.FromBytes(content), _options, cancellationToken).AsTask());
        _sent++;
    }

    public async Task WhenHandledAsync(CancellationToken cancellationToken)
    {
        while (_unfinished.TryDequeue(out var sending))
        {
            Check(await sending);
        }

        // What is lost of best-effort messages is not waited for: it does not count.
        for (long before = -1, handled = await HandledAsync(cancellationToken); handled < _sent && handled != before; before = handled, handled = await HandledAsync(cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>The part of all that was sent which was handled.</summary>
    public async Task<double> ArrivedAsync(CancellationToken cancellationToken) => await HandledAsync(cancellationToken) / (double)_sent;

    public async Task RequestAsync(byte[] content, CancellationToken cancellationToken) =>
        await _node!.Messages.RequestAsync(_other, GossipMessageAgent.Echo, MessagePayload.FromBytes(content), cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private async Task<long> HandledAsync(CancellationToken cancellationToken) => long.Parse(
        (await _node!.Messages.RequestAsync(_other, GossipMessageAgent.Handled, MessagePayload.Empty, cancellationToken: cancellationToken)).ReadText(), CultureInfo.InvariantCulture);

    private static void Check(SendResult result)
    {
        if (!result.Succeeded)
        {
            throw new MeasurementException($"a message was not delivered: {result.Targets[0].Outcome}, {result.Targets[0].Error}");
        }
    }
}
