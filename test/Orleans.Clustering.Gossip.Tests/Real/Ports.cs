using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Ports that nothing listens on, each handed out once.</summary>
internal static class Ports
{
    private static readonly ConcurrentDictionary<int, byte> Taken = new();

    public static int Free()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            if (Taken.TryAdd(port, 0))
            {
                return port;
            }
        }
    }
}
