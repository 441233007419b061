using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

/// <summary>A socket transport on a free loopback port, with a sink that records.</summary>
internal sealed class LoopbackNode : IAsyncDisposable
{
    public static readonly NodeEndpoint AnyPort = NodeEndpoint.From(IPAddress.Loopback, 0);

    private static readonly Lazy<bool> Ipv6 = new(() =>
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    private LoopbackNode(TransportOptions options)
    {
        Transport = SocketTransport.Bind(options);
        Transport.Start(Sink);
    }

    public SocketTransport Transport { get; }

    public RecordingSink Sink { get; } = new();

    public NodeEndpoint Endpoint => Transport.LocalEndpoint;

    public TransportCounters Counters => Transport.Counters;

    public static LoopbackNode Start(Func<TransportOptions, TransportOptions>? change = null)
    {
        var options = new TransportOptions { BindEndpoint = AnyPort };
        return new LoopbackNode(change?.Invoke(options) ?? options);
    }

    /// <summary>Hosts without IPv6 exist, containers above all.</summary>
    public static void SkipWithoutIpv6(params string[] addresses) => Skipping.Unless(
        Ipv6.Value || !addresses.Any(address => address.Contains(':', StringComparison.Ordinal)), "This host has no IPv6.");

    /// <summary>A plain client, as a stranger would be.</summary>
    public async Task<Socket> ConnectStrangerAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Endpoint.ToIPEndPoint(), TestContext.Current.CancellationToken);
        return socket;
    }

    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
