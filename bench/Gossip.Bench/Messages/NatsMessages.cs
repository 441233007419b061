using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Messages;

/// <summary>The other process of the peer: a subscriber that counts messages, and answers requests. The end of its input is its end.</summary>
internal static class NatsAgent
{
    public const string Verb = "nats-agent";
    public const string OneWay = "one";
    public const string Handled = "handled";
    public const string Echo = "echo";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var count = 0L;
        NatsClient client = null!;
        client = new NatsClient((number, subject, replyTo, content) =>
        {
            switch (number)
            {
                case 1:
                    count++;
                    break;
                case 2:
                    _ = client.PublishAsync(Encoding.ASCII.GetString(replyTo), null, Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture))).AsTask();
                    break;
                default:
                    _ = client.PublishAsync(Encoding.ASCII.GetString(replyTo), null, content.ToArray()).AsTask();
                    break;
            }
        });
        await using (client)
        {
            await client.ConnectAsync(int.Parse(arguments[1], CultureInfo.InvariantCulture), CancellationToken.None);
            await client.SubscribeAsync(OneWay, 1);
            await client.SubscribeAsync(Handled, 2);
            await client.SubscribeAsync(Echo, 3);
            Console.Out.WriteLine("ready");
            while (await Task.Run(Console.In.ReadLine) is not null)
            {
                // Nothing is said to it but its end.
            }
        }

        return 0;
    }
}

/// <summary>The peer: NATS with its defaults, a server between a publisher here and a subscriber in another process.</summary>
internal sealed class NatsMessages : IMessageSide
{
    private const string Program = "nats-server";
    private const string Inbox = "inbox.";
    private const int Port = 24222;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<byte[]>> _replies = new();
    private NatsClient? _client;
    private MemberProcess? _server;
    private MemberProcess? _subscriber;
    private long _sent;
    private long _asked;

    public Side Side => Side.Peer;

    /// <summary>The version; null when it is not installed.</summary>
    public static async Task<string?> FindVersionAsync()
    {
        var (succeeded, output) = await ShellCommand.RunAsync(Program, "--version");
        return succeeded ? output.Trim() : null;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var place = new Place(Place.Loopback, null);
        _server = new MemberProcess(0, place, [Program, "--addr", Place.Loopback, "--port", $"{Port}", "--log", "/dev/null"], none, static (_, _) => { });
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        _subscriber = new MemberProcess(1, place, [.. AgentProgram.Running.Command, NatsAgent.Verb, $"{Port}"], none, (_, line) => _lines.Writer.TryWrite(line));
        await _lines.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        _client = new NatsClient(OnReply);
        await _client.ConnectAsync(Port, cancellationToken);
        await _client.SubscribeAsync(Inbox + "*", 1);
    }

    public ValueTask SendAsync(byte[] content, CancellationToken cancellationToken)
    {
        _sent++;
        return _client!.PublishAsync(NatsAgent.OneWay, null, content);
    }

    public async Task WhenHandledAsync(CancellationToken cancellationToken)
    {
        while (long.Parse(Encoding.ASCII.GetString(await AskAsync(NatsAgent.Handled, [], cancellationToken)), CultureInfo.InvariantCulture) < _sent)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    public Task RequestAsync(byte[] content, CancellationToken cancellationToken) => AskAsync(NatsAgent.Echo, content, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (var process in new[] { _subscriber, _server })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }
    }

    private async Task<byte[]> AskAsync(string subject, byte[] content, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _asked);
        var reply = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _replies[number] = reply;
        await _client!.PublishAsync(subject, $"{Inbox}{number}", content);
        return await reply.Task.WaitAsync(Patience, cancellationToken);
    }

    private void OnReply(int subscription, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> replyTo, ReadOnlySequence<byte> content)
    {
        if (Utf8Parser.TryParse(subject[Inbox.Length..], out long number, out _) && _replies.TryRemove(number, out var reply))
        {
            reply.SetResult(content.ToArray());
        }
    }
}
