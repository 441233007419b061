using System.Buffers.Binary;

namespace Gossip.Wire;

/// <summary>What a member answers to a <see cref="KeyOrder"/>: which keys it has afterwards, and why it did not do what it was asked.</summary>
internal sealed record KeyReport(IReadOnlyList<GossipKeyInfo> Keys, bool AllowsChanges, string? Refusal)
{
    private const int RefusalField = 1;
    private const int AllowsField = 2;
    private const int EntryField = 3;
    private const int FingerprintField = 1;
    private const int CipherField = 2;
    private const int MaxRefusalBytes = 1024;

    public static byte[] Encode(KeyRing ring, bool allowsChanges, string? refusal) =>
        WireEncoding.Encode((ring, allowsChanges, refusal), static (ref WireWriter writer, (KeyRing Ring, bool Allows, string? Refusal) report) =>
        {
            if (report.Refusal is not null)
            {
                writer.Text(RefusalField, report.Refusal);
            }

            writer.Flag(AllowsField, report.Allows);
            foreach (var key in report.Ring.Keys)
            {
                var mark = writer.Begin(EntryField);
                KeyOrder.WriteFingerprint(ref writer, FingerprintField, key.Fingerprint);
                writer.Number(CipherField, (int)key.Cipher);
                writer.End(mark);
            }
        });

    /// <summary>Reads any bytes; null when they are no report.</summary>
    public static KeyReport? Read(ReadOnlySpan<byte> source)
    {
        var allows = false;
        string refusal = "";
        List<GossipKeyInfo> keys = [];
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case RefusalField:
                    reader.Read(ref refusal, MaxRefusalBytes);
                    break;
                case AllowsField:
                    reader.Read(ref allows);
                    break;
                case EntryField:
                    if (keys.Count == KeyRing.MaxKeys || ReadEntry(reader.Bytes, isPrimary: keys.Count == 0) is not { } key)
                    {
                        return null;
                    }

                    keys.Add(key);
                    break;
            }
        }

        return reader.Malformed ? null : new KeyReport(keys, allows, refusal.Length == 0 ? null : refusal);
    }

    public static IReadOnlyList<GossipKeyInfo> Describe(KeyRing ring) =>
        [.. ring.Keys.ToArray().Select((key, index) => GossipKeyInfo.Of(key.Fingerprint, key.Cipher, isPrimary: index == 0))];

    private static GossipKeyInfo? ReadEntry(ReadOnlySpan<byte> source, bool isPrimary)
    {
        ReadOnlySpan<byte> fingerprint = default;
        var cipher = 0;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case FingerprintField:
                    reader.Read(ref fingerprint);
                    break;
                case CipherField:
                    reader.Read(ref cipher);
                    break;
            }
        }

        return reader.Malformed || fingerprint.Length != RingKey.FingerprintSize
            ? null
            : GossipKeyInfo.Of(BinaryPrimitives.ReadUInt128BigEndian(fingerprint), (GossipCipher)cipher, isPrimary);
    }
}
