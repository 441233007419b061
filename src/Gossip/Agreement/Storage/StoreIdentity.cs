using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>Whose store a directory is.</summary>
/// <param name="Version">Of the layout of the files.</param>
/// <param name="Store">Drawn when the store was created.</param>
/// <param name="Node">The node that created it.</param>
/// <param name="Boots">How often it was opened: of two copies of one store, the one that was opened less often is the stale one.</param>
/// <param name="IsSuperseded">Another copy of it was in use, so that this one must never vote again.</param>
internal sealed record StoreIdentity(int Version, Guid Store, NodeId Node, long Boots, bool IsSuperseded = false)
{
    public const int CurrentVersion = 1;

    private const int VersionField = 1;
    private const int StoreField = 2;
    private const int NodeField = 3;
    private const int BootsField = 4;
    private const int SupersededField = 5;

    public byte[] Encode() => WireEncoding.Encode(this, static (ref WireWriter writer, StoreIdentity identity) =>
    {
        writer.Number(VersionField, identity.Version);
        AgreementFields.Write(ref writer, StoreField, identity.Store);
        writer.Id(NodeField, identity.Node);
        writer.Number(BootsField, (ulong)identity.Boots);
        writer.Flag(SupersededField, identity.IsSuperseded);
    });

    public static bool TryRead(ReadOnlySpan<byte> bytes, out StoreIdentity identity)
    {
        var version = 0;
        Guid store = default;
        NodeId node = default;
        ulong boots = 0;
        var superseded = false;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case VersionField:
                    reader.Read(ref version);
                    break;
                case StoreField:
                    good = AgreementFields.TryReadGuid(reader.Bytes, out store);
                    break;
                case NodeField:
                    reader.Read(ref node);
                    break;
                case BootsField:
                    reader.Read(ref boots);
                    break;
                case SupersededField:
                    reader.Read(ref superseded);
                    break;
            }
        }

        identity = new StoreIdentity(version, store, node, (long)boots, superseded);
        return good && !reader.Malformed && version > 0;
    }
}
