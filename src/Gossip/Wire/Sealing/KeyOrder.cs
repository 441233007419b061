using System.Buffers.Binary;

namespace Gossip.Wire;

internal enum KeyAction
{
    List = 1,
    Install = 2,
    Use = 3,
    Remove = 4,
}

/// <summary>What one member asks another to do with its key ring. It travels under seal only, for it may carry a key.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Fingerprint">Which key; none to list them.</param>
/// <param name="Key">The key itself; to install it only.</param>
internal readonly record struct KeyOrder(KeyAction Action, UInt128 Fingerprint, RingKey? Key = null)
{
    private const int ActionField = 1;
    private const int FingerprintField = 2;
    private const int CipherField = 3;
    private const int KeyField = 4;

    public byte[] Encode() => WireEncoding.Encode(this, static (ref WireWriter writer, KeyOrder order) =>
    {
        writer.Number(ActionField, (int)order.Action);
        if (order.Action != KeyAction.List)
        {
            WriteFingerprint(ref writer, FingerprintField, order.Fingerprint);
        }

        if (order.Key is { } key)
        {
            writer.Number(CipherField, (int)key.Cipher);
            writer.Bytes(KeyField, key.Bytes);
        }
    });

    /// <summary>Reads any bytes; false when they are no order, or one of a later version.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="order">The order.</param>
    /// <param name="obstacle">Why the order cannot be carried out here, which the asker is to be told; null when it can.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, out KeyOrder order, out string? obstacle)
    {
        int action = 0, cipher = 0;
        ReadOnlySpan<byte> bytes = default, fingerprint = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case ActionField:
                    reader.Read(ref action);
                    break;
                case FingerprintField:
                    reader.Read(ref fingerprint);
                    break;
                case CipherField:
                    reader.Read(ref cipher);
                    break;
                case KeyField:
                    reader.Read(ref bytes);
                    break;
            }
        }

        (order, obstacle) = (default, null);
        if (reader.Malformed || (KeyAction)action is < KeyAction.List or > KeyAction.Remove
            || fingerprint.Length != ((KeyAction)action == KeyAction.List ? 0 : RingKey.FingerprintSize)
            || ((KeyAction)action == KeyAction.Install) != RingKey.IsSize(bytes.Length))
        {
            return false;
        }

        order = new KeyOrder((KeyAction)action, fingerprint.IsEmpty ? default : BinaryPrimitives.ReadUInt128BigEndian(fingerprint));
        if (order.Action == KeyAction.Install)
        {
            obstacle = SealCipher.Obstacle((GossipCipher)cipher);
            order = obstacle is null ? order with { Key = new RingKey(bytes, (GossipCipher)cipher) } : order;
        }

        return order.Key is null || order.Key.Fingerprint == order.Fingerprint;
    }

    public static void WriteFingerprint(ref WireWriter writer, int field, UInt128 fingerprint)
    {
        Span<byte> bytes = stackalloc byte[RingKey.FingerprintSize];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, fingerprint);
        writer.Bytes(field, bytes);
    }
}
