using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Gossip.Bench.Messages;

/// <summary>Takes the number of a subscription, the subject, where a reply is expected, and the content.</summary>
internal delegate void NatsHandler(int number, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> replyTo, ReadOnlySequence<byte> content);

/// <summary>As much of a client of NATS as is measured here: publish and subscribe, written in batches and read in place, so that the server is what limits it.</summary>
internal sealed class NatsClient : IAsyncDisposable
{
    /// <summary>How much waits to be written until whoever sends has to wait, too.</summary>
    private const int PendingBytes = 1 << 18;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly NatsHandler _onMessage;
    private ArrayBufferWriter<byte> _pending = new(PendingBytes);
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private Task _work = Task.CompletedTask;

    public NatsClient(NatsHandler onMessage) => _onMessage = onMessage;

    public async Task ConnectAsync(int port, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync("127.0.0.1", port, cancellationToken);
        _work = Task.WhenAll(Task.Run(WriteAsync, CancellationToken.None), Task.Run(ReadAsync, CancellationToken.None));
        await SendAsync("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n", default);
    }

    public ValueTask SubscribeAsync(string subject, int number) => SendAsync($"SUB {subject} {number}\r\n", default);

    public ValueTask PublishAsync(string subject, string? replyTo, ReadOnlySpan<byte> content) =>
        SendAsync(replyTo is null ? $"PUB {subject} {content.Length}\r\n" : $"PUB {subject} {replyTo} {content.Length}\r\n", content);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private ValueTask SendAsync(string line, ReadOnlySpan<byte> content)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            Encoding.ASCII.GetBytes(line, _pending);
            if (line.StartsWith("PUB", StringComparison.Ordinal))
            {
                _pending.Write(content);
                _pending.Write("\r\n"u8);
            }

            room = _pending.WrittenCount > PendingBytes ? _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            _more.TrySetResult();
        }

        return room is null ? default : new ValueTask(room.Task);
    }

    private async Task WriteAsync()
    {
        var taken = new ArrayBufferWriter<byte>(PendingBytes);
        while (true)
        {
            await _more.Task.WaitAsync(_stop.Token);
            lock (_gate)
            {
                (taken, _pending) = (_pending, taken);
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _room?.SetResult();
                _room = null;
            }

            for (var rest = taken.WrittenMemory; !rest.IsEmpty;)
            {
                rest = rest[await _socket.SendAsync(rest, _stop.Token)..];
            }

            taken.ResetWrittenCount();
        }
    }

    private async Task ReadAsync()
    {
        var input = PipeReader.Create(new NetworkStream(_socket), new StreamPipeReaderOptions(bufferSize: 1 << 16));
        while (true)
        {
            var read = await input.ReadAsync(_stop.Token);
            var buffer = read.Buffer;
            while (TryTake(ref buffer))
            {
                // The next one.
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[512];
        var text = copy[..(int)Math.Min(line.Length, copy.Length)];
        line.Slice(0, text.Length).CopyTo(text);
        if (!text.StartsWith("MSG "u8))
        {
            buffer = reader.UnreadSequence;
            if (text.SequenceEqual("PING"u8))
            {
                _ = SendAsync("PONG\r\n", default).AsTask();
            }

            return true;
        }

        // MSG subject number [reply-to] size
        Span<Range> parts = stackalloc Range[5];
        var count = ((ReadOnlySpan<byte>)text).Split((byte)' ').CopyTo(parts);
        if (!Utf8Parser.TryParse(text[parts[2]], out int number, out _) || !Utf8Parser.TryParse(text[parts[count - 1]], out int size, out _) || reader.Remaining < size + 2)
        {
            return false;
        }

        _onMessage(number, text[parts[1]], count == 5 ? text[parts[3]] : default, reader.UnreadSequence.Slice(0, size));
        buffer = reader.UnreadSequence.Slice(size + 2);
        return true;
    }
}

internal static class SpanSplitExtensions
{
    /// <summary>Copies the parts of a split; gives back how many there are.</summary>
    public static int CopyTo(this MemoryExtensions.SpanSplitEnumerator<byte> split, Span<Range> parts)
    {
        var count = 0;
        foreach (var part in split)
        {
            if (count == parts.Length)
            {
                break;
            }

            parts[count++] = part;
        }

        return count;
    }
}
