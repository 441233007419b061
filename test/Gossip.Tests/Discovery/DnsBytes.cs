using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Gossip.Tests.Discovery;

/// <summary>Writes answers as DNS servers do, apart from the code under test.</summary>
internal static class DnsBytes
{
    public const ushort A = 1;
    public const ushort Cname = 5;
    public const ushort Soa = 6;
    public const ushort Txt = 16;
    public const ushort Aaaa = 28;
    public const ushort Srv = 33;

    /// <summary>The place of the question's name, which records point to.</summary>
    public static readonly byte[] Question = [0xc0, 12];

    public static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    public static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Long(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Record(byte[] name, ushort type, uint ttl, byte[] data) => [.. name, .. Number(type), 0, 1, .. Long(ttl), .. Number(data.Length), .. data];

    public static byte[] Address(string name, string ip, uint ttl = 60) =>
        Record(Name(name), ip.Contains(':', StringComparison.Ordinal) ? Aaaa : A, ttl, IPAddress.Parse(ip).GetAddressBytes());

    public static byte[] Service(string name, int priority, int weight, int port, string target, uint ttl = 60) =>
        Record(Name(name), Srv, ttl, [.. Number(priority), .. Number(weight), .. Number(port), .. Name(target)]);

    public static byte[] Alias(string name, string target, uint ttl = 60) => Record(Name(name), Cname, ttl, Name(target));

    public static byte[] StartOfAuthority(string name, uint ttl, uint minimum) =>
        Record(Name(name), Soa, ttl, [.. Name("ns." + name), .. Name("admin." + name), .. Long(1), .. Long(2), .. Long(3), .. Long(4), .. Long(minimum)]);

    public static byte[] Query(int id, string name, ushort type) => [.. Number(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name(name), .. Number(type), 0, 1];

    public static byte[] Reply(byte[] query, int code = 0, bool isCut = false, byte[][]? answers = null, byte[][]? authorities = null, byte[][]? additional = null) =>
    [
        .. query[..2], (byte)(isCut ? 0x87 : 0x85), (byte)(0x80 | code), 0, 1, .. Number(answers?.Length ?? 0), .. Number(authorities?.Length ?? 0), .. Number(additional?.Length ?? 0), .. query[12..],
        .. (answers ?? []).SelectMany(record => record), .. (authorities ?? []).SelectMany(record => record), .. (additional ?? []).SelectMany(record => record),
    ];

    /// <summary>The name and the type that a query asks for.</summary>
    public static (string Name, ushort Type) Asked(byte[] query)
    {
        List<string> labels = [];
        var at = 12;
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
            at += 1 + query[at];
        }

        return (string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1)));
    }
}
