using System.Globalization;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Writes down all that happens: always as a hash, and on demand as a text for people.</summary>
internal sealed class Trace(SimWorld world, TextWriter? text)
{
    private readonly TraceHash _hash = new();

    public ulong Hash => _hash.Value;

    /// <summary>A packet arrives at a process.</summary>
    public void Arrival(in SimEvent packet)
    {
        _hash.Add((ulong)world.Now);
        _hash.Add(((ulong)packet.Kind << 62) ^ ((ulong)packet.Node << 31) ^ (ulong)packet.Peer);
        var bytes = packet.Bytes.AsSpan(0, packet.Length);
        _hash.Add(bytes);
        if (PacketText.IsFirst(bytes, Wire.MessageKind.SyncVersions))
        {
            world.Counts.Count(Fault.SyncDifference);
        }

        if (text is not null)
        {
            Write(packet.Node, $"<- {packet.Peer} {packet.Kind} {packet.Length} B: {PacketText.Describe(bytes, world)}");
        }
    }

    public void Departure(SimNode node, in Transmit transmit, ReadOnlySpan<byte> packet)
    {
        if (text is not null)
        {
            Write(node.Index, $"-> {world.Network.NodeAt(transmit.To)} {transmit.Path} {transmit.Length} B: {PacketText.Describe(packet, world)}");
        }
    }

    public void Event(SimNode node, in EngineEvent happened)
    {
        _hash.Add((ulong)world.Now);
        _hash.Add(((ulong)happened.Kind << 48) ^ ((ulong)happened.Before << 40) ^ ((ulong)happened.After << 32) ^ (ulong)node.Index);
        _hash.Add(happened.Subject.Id.LowBits ^ happened.Subject.Generation ^ happened.Generation);
        if (text is not null)
        {
            var subject = world.Find(happened.Subject.Id)?.Index;
            Write(node.Index, happened.Kind == EngineEventKind.StateChanged
                ? $"** sees {subject}@{happened.Subject.Generation:x}: {happened.Before} -> {happened.After} ({happened.Reason})"
                : $"** {happened.Kind} {subject} {(happened.Kind == EngineEventKind.JoinSettled ? happened.Status.ToString() : "")}");
        }
    }

    /// <summary>The script did something to a node.</summary>
    public void Note(SimNode node, string what)
    {
        _hash.Add((ulong)world.Now);
        if (text is not null)
        {
            Write(node.Index, string.Create(CultureInfo.InvariantCulture, $"== {what}; generation {node.Generation:x}"));
        }
    }

    /// <summary>The script did something to the world.</summary>
    public void Note(string what)
    {
        if (text is not null)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Seconds(world.Now),12:F6}      == {what}"));
        }
    }

    public static double Seconds(long ticks) => (double)ticks / TimeSpan.TicksPerSecond;

    private void Write(int node, FormattableString line) => Write(node, line.ToString(CultureInfo.InvariantCulture));

    private void Write(int node, string line) =>
        text!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Seconds(world.Now),12:F6} {node,4} {line}"));
}
