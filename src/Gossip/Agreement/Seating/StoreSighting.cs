using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>What a node remembers of the store of another one: each start of one store is counted in it, so a start that counts no higher than one that was seen before is that of a copy.</summary>
/// <param name="Store">The store.</param>
/// <param name="Boots">How often it was opened, at most.</param>
/// <param name="Life">The life of the process that opened it then.</param>
/// <param name="IsTwofold">Another life was seen with it that had opened it no later: there are two copies.</param>
internal readonly record struct StoreSighting(Guid Store, long Boots, ulong Life, bool IsTwofold = false)
{
    private const int StoreField = 1;
    private const int BootsField = 2;
    private const int LifeField = 3;
    private const int TwofoldField = 4;

    /// <summary>What is remembered after another look.</summary>
    public StoreSighting And(StoreSighting later) =>
        later.Store != Store ? later
        : later.Boots > Boots ? later with { IsTwofold = IsTwofold }
        : later.Life != Life ? this with { IsTwofold = true }
        : this;

    /// <summary>Whether who opened the store at this count may not vote with it: somebody opened a copy since, or at the same time.</summary>
    public bool Refutes(Guid store, long boots, ulong life) => store == Store && (IsTwofold || Boots > boots || (Boots == boots && Life != life));

    public void Write(ref WireWriter writer, int field)
    {
        var mark = writer.Begin(field);
        AgreementFields.Write(ref writer, StoreField, Store);
        writer.Number(BootsField, (ulong)Boots);
        writer.Number(LifeField, Life);
        writer.Flag(TwofoldField, IsTwofold);
        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out StoreSighting sighting)
    {
        Guid store = default;
        ulong boots = 0, life = 0;
        var isTwofold = false;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case StoreField:
                    good = AgreementFields.TryReadGuid(reader.Bytes, out store);
                    break;
                case BootsField:
                    reader.Read(ref boots);
                    break;
                case LifeField:
                    reader.Read(ref life);
                    break;
                case TwofoldField:
                    reader.Read(ref isTwofold);
                    break;
            }
        }

        sighting = new StoreSighting(store, (long)boots, life, isTwofold);
        return good && !reader.Malformed && boots <= long.MaxValue;
    }
}
