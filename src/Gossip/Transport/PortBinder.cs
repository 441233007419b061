using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>The two sockets of a node, bound to one port. <paramref name="Datagrams"/> is null for streams only, and both are where nothing listens.</summary>
internal readonly record struct BoundPort(Socket? Listener, Socket? Datagrams);

/// <summary>Binds TCP and UDP to one port, or says what to change.</summary>
internal static class PortBinder
{
    /// <summary>How often a free port is asked for before giving up: a port that is free for TCP is rarely taken for UDP.</summary>
    private const int MaxAttempts = 32;

    /// <summary>How many connections may wait to be accepted.</summary>
    private const int Backlog = 512;

    /// <summary>Room for a burst of datagrams; systems grant less when their limit is lower.</summary>
    private const int DatagramBufferBytes = 2 * 1024 * 1024;

    public static BoundPort Bind(TransportOptions options)
    {
        if (options.DialOnly)
        {
            return default;
        }

        for (var attempt = 1; ; attempt++)
        {
            var listener = BindListener(options.BindEndpoint);
            if (options.StreamOnly)
            {
                return new BoundPort(listener, null);
            }

            var endpoint = options.BindEndpoint with { Port = (ushort)((IPEndPoint)listener.LocalEndPoint!).Port };
            try
            {
                return new BoundPort(listener, BindDatagrams(endpoint));
            }
            catch (SocketException error)
            {
                listener.Dispose();
                if (options.BindEndpoint.Port != 0 || attempt == MaxAttempts || error.SocketErrorCode != SocketError.AddressAlreadyInUse)
                {
                    throw Explain("UDP", endpoint, error);
                }
            }
        }
    }

    private static Socket BindListener(in NodeEndpoint endpoint)
    {
        Socket? socket = null;
        try
        {
            socket = Create(endpoint, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endpoint.ToIPEndPoint());

            // Part of binding, because Linux tells of a taken TCP port only here.
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw Explain("TCP", endpoint, error);
        }
    }

    private static Socket BindDatagrams(in NodeEndpoint endpoint)
    {
        var socket = Create(endpoint, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            IgnoreUnreachablePorts(socket);
            EnlargeBuffers(socket);
            socket.Bind(endpoint.ToIPEndPoint());

            // A send that finds no room must fail at once: dropping is what a network would do.
            socket.Blocking = false;
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Create(in NodeEndpoint endpoint, SocketType type, ProtocolType protocol)
    {
        var family = endpoint.IsIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var socket = new Socket(family, type, protocol) { ExclusiveAddressUse = true };
        if (family == AddressFamily.InterNetworkV6)
        {
            // [::] means every address of the host, IPv4 too; a single IPv6 address means just that one.
            socket.DualMode = endpoint.IsUnspecified;
        }

        return socket;
    }

    /// <summary>Windows ends a receive with an error when an earlier datagram of ours met a closed port; no other system does.</summary>
    private static void IgnoreUnreachablePorts(Socket socket)
    {
        const int SioUdpConnReset = unchecked((int)0x9800000C);
        if (OperatingSystem.IsWindows())
        {
            socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
        }
    }

    private static void EnlargeBuffers(Socket socket)
    {
        try
        {
            socket.ReceiveBufferSize = DatagramBufferBytes;
            socket.SendBufferSize = DatagramBufferBytes;
        }
        catch (SocketException)
        {
            // Some systems refuse what others silently cut; their default must do.
        }
    }

    private static GossipBindException Explain(string protocol, NodeEndpoint endpoint, SocketException error)
    {
        var reason = error.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"{protocol} port {endpoint.Port} is already in use. Stop the other process, choose another port or address in BindAddress, or use port 0 for any free port.",
            SocketError.AddressNotAvailable =>
                $"{endpoint.ToIPAddress()} is not an address of this host. Set BindAddress to an address of this host, or to 0.0.0.0 or [::] for all of them; "
                + "in a container or behind NAT, put the address that others dial into AdvertiseAddress.",
            SocketError.AccessDenied =>
                $"the system does not allow {protocol} port {endpoint.Port}: it is reserved or needs privileges. Choose another port in BindAddress, or port 0 for any free port.",
            SocketError.AddressFamilyNotSupported =>
                "this host does not support that kind of IP address. Set BindAddress to 0.0.0.0 (IPv4) or [::] (IPv6).",
            _ => $"the system refused the {protocol} socket ({error.SocketErrorCode}: {error.Message}). Check BindAddress.",
        };
        return new GossipBindException($"Cannot listen at {endpoint}: {reason}", error);
    }
}
