using System.Net;
using System.Net.Sockets;

namespace Samples;

/// <summary>
/// Ports of loopback that nobody uses now. They lie below those that systems give to whoever asks for any, so that nobody is given one before its owner
/// listens there, or while it starts anew.
/// </summary>
internal static class FreePorts
{
    private const int First = 15_000;
    private const int Last = 30_000;
    private static readonly HashSet<int> Given = [];

    /// <summary>Finds ports, none of which was found before.</summary>
    public static int[] Find(int count)
    {
        var found = new List<int>(count);
        lock (Given)
        {
            while (found.Count < count)
            {
                var port = Random.Shared.Next(First, Last);
                if (IsFree(port) && Given.Add(port))
                {
                    found.Add(port);
                }
            }
        }

        return [.. found];
    }

    private static bool IsFree(int port) => IsFree(port, SocketType.Stream, ProtocolType.Tcp) && IsFree(port, SocketType.Dgram, ProtocolType.Udp);

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
