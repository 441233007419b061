using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>The small things that messages, batches and values are made of, as bytes.</summary>
internal static class AgreementFields
{
    public const int GuidSize = 16;

    private const int First = 1;
    private const int Second = 2;
    private const int Third = 3;

    public static void Write(ref WireWriter writer, int field, Guid value)
    {
        Span<byte> bytes = stackalloc byte[GuidSize];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.Bytes(field, bytes);
    }

    public static bool TryReadGuid(ReadOnlySpan<byte> bytes, out Guid value)
    {
        value = bytes.Length == GuidSize ? new Guid(bytes, bigEndian: true) : default;
        return bytes.Length == GuidSize;
    }

    public static void Write(ref WireWriter writer, int field, NodeInstance value)
    {
        var mark = writer.Begin(field);
        writer.Id(First, value.Id);
        writer.Number(Second, value.Generation);
        writer.End(mark);
    }

    public static bool TryReadInstance(ReadOnlySpan<byte> bytes, out NodeInstance value)
    {
        NodeId id = default;
        ulong generation = 0;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    reader.Read(ref id);
                    break;
                case Second:
                    reader.Read(ref generation);
                    break;
            }
        }

        value = new NodeInstance(id, generation);
        return !reader.Malformed;
    }

    public static void Write(ref WireWriter writer, int field, AcceptorId value)
    {
        var mark = writer.Begin(field);
        writer.Id(First, value.Node);
        Write(ref writer, Second, value.Store);
        writer.End(mark);
    }

    public static bool TryReadAcceptor(ReadOnlySpan<byte> bytes, out AcceptorId value)
    {
        NodeId id = default;
        Guid store = default;
        var reader = new WireReader(bytes);
        var good = true;
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    reader.Read(ref id);
                    break;
                case Second:
                    good = TryReadGuid(reader.Bytes, out store);
                    break;
            }
        }

        value = new AcceptorId(id, store);
        return good && !reader.Malformed;
    }

    public static void Write(ref WireWriter writer, int field, in Lineage value)
    {
        var mark = writer.Begin(field);
        Write(ref writer, First, value.Incarnation);
        Write(ref writer, Second, value.Parent);
        writer.Number(Third, value.Ordinal);
        writer.End(mark);
    }

    public static bool TryReadLineage(ReadOnlySpan<byte> bytes, out Lineage value)
    {
        Guid incarnation = default, parent = default;
        var ordinal = 0;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    good = TryReadGuid(reader.Bytes, out incarnation);
                    break;
                case Second:
                    good = TryReadGuid(reader.Bytes, out parent);
                    break;
                case Third:
                    reader.Read(ref ordinal);
                    break;
            }
        }

        value = new Lineage(incarnation, parent, ordinal);
        return good && !reader.Malformed && !value.IsNone;
    }

    public static void Write(ref WireWriter writer, int field, Configuration value)
    {
        var mark = writer.Begin(field);
        writer.Number(First, (ulong)value.Epoch);
        foreach (var acceptor in value.Acceptors)
        {
            Write(ref writer, Second, acceptor);
        }

        writer.End(mark);
    }

    public static bool TryReadConfiguration(ReadOnlySpan<byte> bytes, out Configuration value)
    {
        ulong epoch = 0;
        List<AcceptorId> acceptors = [];
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    reader.Read(ref epoch);
                    break;
                case Second:
                    good = TryReadAcceptor(reader.Bytes, out var acceptor) && acceptors.Count < Configuration.MaxFounders;
                    acceptors.Add(acceptor);
                    break;
            }
        }

        value = Configuration.Of((long)epoch, acceptors);
        return good && !reader.Malformed && epoch <= long.MaxValue && value.Acceptors.Length == acceptors.Count
            && acceptors.Count > 0 && (epoch == 0 || acceptors.Count <= Configuration.MaxAcceptors);
    }

    public static void Write(ref WireWriter writer, int field, in Position value)
    {
        var mark = writer.Begin(field);
        writer.Number(First, (ulong)value.Revision);
        writer.Fixed64(Second, (ulong)(value.Digest >> 64));
        writer.Fixed64(Third, (ulong)value.Digest);
        writer.End(mark);
    }

    public static bool TryReadPosition(ReadOnlySpan<byte> bytes, out Position value)
    {
        ulong revision = 0, high = 0, low = 0;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    reader.Read(ref revision);
                    break;
                case Second:
                    reader.Read(ref high);
                    break;
                case Third:
                    reader.Read(ref low);
                    break;
            }
        }

        value = new Position((long)revision, new UInt128(high, low));
        return !reader.Malformed && revision <= long.MaxValue;
    }

    public static void Write(ref WireWriter writer, int field, in Ballot value)
    {
        var mark = writer.Begin(field);
        writer.Number(First, value.Round);
        Write(ref writer, Second, value.Proposer);
        writer.End(mark);
    }

    public static bool TryReadBallot(ReadOnlySpan<byte> bytes, out Ballot value)
    {
        ulong round = 0;
        var proposer = default(NodeInstance);
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case First:
                    reader.Read(ref round);
                    break;
                case Second:
                    good = TryReadInstance(reader.Bytes, out proposer);
                    break;
            }
        }

        value = new Ballot(round, proposer);
        return good && !reader.Malformed;
    }
}
