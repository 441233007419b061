using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gossip.Discovery.Dns;

/// <summary>Carries out an exchange: a socket, and so a port, of its own for each attempt.</summary>
internal static class DnsSocket
{
    /// <summary>Without an extension that this client does not ask for, answers have 512 bytes at most (RFC 1035 §4.2.1); some servers send more all the same.</summary>
    private const int MaxDatagramSize = 4096;
    private const int LengthSize = sizeof(ushort);

    /// <summary>Whoever floods the port with guesses does not keep the node busy for longer.</summary>
    private const int MaxForeignReplies = 1024;

    public static async Task RunAsync(DnsExchange exchange, DnsQuestion question, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        while (exchange.Next is { } attempt)
        {
            using var timeout = new CancellationTokenSource(patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                var query = Write(attempt, question);
                await (attempt.OverTcp ? AskOverTcpAsync(exchange, attempt, query, either.Token) : AskOverUdpAsync(exchange, attempt, query, either.Token)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                exchange.OnFailed("it did not answer in time");
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                exchange.OnFailed(e.Message);
            }
        }
    }

    private static byte[] Write(DnsAttempt attempt, in DnsQuestion question)
    {
        var query = new byte[DnsFormat.MaxQuerySize];
        return DnsFormat.TryWriteQuery(attempt.Id, question, query, out var size) ? query[..size] : throw new IOException($"'{question.Name}' is no name that DNS can hold");
    }

    private static async Task AskOverUdpAsync(DnsExchange exchange, DnsAttempt attempt, byte[] query, CancellationToken cancellationToken)
    {
        // Connected, so that the system drops what others than the server send.
        using var socket = new Socket(attempt.Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(attempt.Server, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(query, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[MaxDatagramSize];
        for (var foreign = 0; foreign < MaxForeignReplies; foreign++)
        {
            var size = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (exchange.OnReply(buffer.AsSpan(0, size)))
            {
                return;
            }
        }

        exchange.OnFailed("it sent answers to other questions only");
    }

    private static async Task AskOverTcpAsync(DnsExchange exchange, DnsAttempt attempt, byte[] query, CancellationToken cancellationToken)
    {
        using var socket = new Socket(attempt.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(attempt.Server, cancellationToken).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: false);
        await using (stream.ConfigureAwait(false))
        {
            var framed = new byte[LengthSize + query.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
            query.CopyTo(framed, LengthSize);
            await stream.WriteAsync(framed, cancellationToken).ConfigureAwait(false);
            var length = new byte[LengthSize];
            await stream.ReadExactlyAsync(length, cancellationToken).ConfigureAwait(false);
            var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(reply, cancellationToken).ConfigureAwait(false);
            if (!exchange.OnReply(reply))
            {
                exchange.OnFailed("it answered another question");
            }
        }
    }
}
