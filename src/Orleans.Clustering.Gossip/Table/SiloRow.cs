using System.Text;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// A silo's entry as the bytes of a row. Everything comes back as it was given, except that times are UTC, as Orleans takes them: suspicions in their order, none apart from no list, and ticks to the last.
/// </summary>
internal static class SiloRow
{
    private const byte Version = 1;
    private const int NoList = -1;

    /// <summary>More suspicions than any silo has; a list that claims more is damage.</summary>
    private const int MaxSuspicions = 4096;

    /// <summary>The key of a silo's row: its address with its generation, so that a successor at the same address has a row of its own.</summary>
    public static string KeyOf(SiloAddress silo) => silo.ToParsableString();

    public static byte[] Write(MembershipEntry entry)
    {
        using var bytes = new MemoryStream();
        using (var to = new BinaryWriter(bytes, Encoding.UTF8))
        {
            to.Write(Version);
            to.Write(KeyOf(entry.SiloAddress));
            to.Write((byte)entry.Status);
            to.Write(entry.SuspectTimes?.Count ?? NoList);
            foreach (var (silo, time) in entry.SuspectTimes ?? [])
            {
                to.Write(KeyOf(silo));
                to.Write(time.Ticks);
            }

            to.Write(entry.ProxyPort);
            WriteText(to, entry.HostName);
            WriteText(to, entry.SiloName);
            WriteText(to, entry.RoleName);
            to.Write(entry.UpdateZone);
            to.Write(entry.FaultZone);
            to.Write(entry.StartTime.Ticks);
            to.Write(entry.IAmAliveTime.Ticks);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="InvalidDataException">It is not a silo's row, or one of a later version of this library.</exception>
    public static MembershipEntry Read(ReadOnlyMemory<byte> row)
    {
        try
        {
            using var from = new BinaryReader(new MemoryStream(row.ToArray(), writable: false), Encoding.UTF8);
            if (from.ReadByte() is var version && version != Version)
            {
                throw new InvalidDataException($"A silo's row has format {version}, and this library reads {Version}: bring all silos to the newest version of this library that one of them has.");
            }

            var entry = new MembershipEntry
            {
                SiloAddress = SiloAddress.FromParsableString(from.ReadString()),
                Status = (SiloStatus)from.ReadByte(),
                SuspectTimes = ReadSuspicions(from),
                ProxyPort = from.ReadInt32(),
                HostName = ReadText(from)!,
                SiloName = ReadText(from)!,
                RoleName = ReadText(from),
                UpdateZone = from.ReadInt32(),
                FaultZone = from.ReadInt32(),
                StartTime = ReadTime(from),
                IAmAliveTime = ReadTime(from),
            };
            return from.BaseStream.Position == from.BaseStream.Length ? entry : throw new InvalidDataException("A silo's row is longer than what it says.");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or IOException)
        {
            throw new InvalidDataException("A row of the table is no silo's: does something else write to the table of this cluster?", e);
        }
    }

    private static List<Tuple<SiloAddress, DateTime>>? ReadSuspicions(BinaryReader from)
    {
        var count = from.ReadInt32();
        if (count == NoList)
        {
            return null;
        }

        if (count is < 0 or > MaxSuspicions)
        {
            throw new InvalidDataException($"A silo's row claims {count} suspicions.");
        }

        var list = new List<Tuple<SiloAddress, DateTime>>();
        for (var i = 0; i < count; i++)
        {
            list.Add(Tuple.Create(SiloAddress.FromParsableString(from.ReadString()), ReadTime(from)));
        }

        return list;
    }

    private static DateTime ReadTime(BinaryReader from) => new(from.ReadInt64(), DateTimeKind.Utc);

    private static void WriteText(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        if (text is not null)
        {
            to.Write(text);
        }
    }

    private static string? ReadText(BinaryReader from) => from.ReadBoolean() ? from.ReadString() : null;
}
