using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Quorum.Tour;

namespace Quorum.Nodes;

/// <summary>The three processes and their data directories. Disposing it ends those that still run, and removes the directories.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public static readonly string[] Names = ["alpha", "beta", "gamma"];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, NodeProcess> _running = new(StringComparer.Ordinal);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("quorum-");

    // Founders are named by address, so the addresses must be known before the first one starts.
    private readonly string[] _addresses = FreeAddresses(Names.Length);

    // A name of its own, should another run get a port that a node of this one had.
    private readonly string _clusterName = string.Create(CultureInfo.InvariantCulture, $"quorum-{Environment.ProcessId}");

    private bool _disposed;

    public NodeProcess[] Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Values];
            }
        }
    }

    public string DataOf(string name) => Path.Combine(_data.FullName, name);

    /// <summary>How a node is started: at the same address and with the same directory each time.</summary>
    public NodeSettings Plan(string name) => new(name, _clusterName, _addresses[Array.IndexOf(Names, name)], _addresses, DataOf(name), Pace.TableTimeout);

    public string NameOf(string address) => Array.IndexOf(_addresses, address) is >= 0 and var index ? Names[index] : address;

    /// <summary>Text of the library with names in place of the addresses.</summary>
    public string WithNames(string text) => _addresses.Aggregate(text, (result, address) => result.Replace(address, NameOf(address), StringComparison.Ordinal));

    public NodeProcess Start(NodeSettings settings)
    {
        lock (_gate)
        {
            // A run that is interrupted may just be about to start the next process.
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _running[settings.Name] = NodeProcess.Start(settings);
        }
    }

    /// <summary>Forgets a process that was ended.</summary>
    public ValueTask RemoveAsync(NodeProcess node)
    {
        lock (_gate)
        {
            _running.Remove(node.Name);
        }

        return node.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        await Task.WhenAll(Running.Select(node => node.DisposeAsync().AsTask()));
        _data.Delete(recursive: true);
    }

    /// <summary>Held all at once, so that they differ.</summary>
    private static string[] FreeAddresses(int count)
    {
        List<Socket> held = [];
        while (held.Count < count)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            held.Add(socket);
        }

        string[] addresses = [.. held.Select(socket => socket.LocalEndPoint!.ToString()!)];
        held.ForEach(socket => socket.Dispose());
        return addresses;
    }
}
