using System.Collections.Immutable;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>Batches as bytes.</summary>
internal static class BatchFormat
{
    private const int FoundingField = 1;
    private const int ChangeField = 2;
    private const int ExpiredField = 3;
    private const int SealField = 4;
    private const int InheritedField = 5;

    public static ReadOnlyMemory<byte> Encode(Batch batch) => WireEncoding.Encode(batch, Write);

    public static bool TryRead(ReadOnlySpan<byte> bytes, out Batch batch)
    {
        var founding = default(Lineage);
        Sessions? inherited = null;
        var changes = ImmutableArray.CreateBuilder<Change>();
        var expired = ImmutableArray.CreateBuilder<NodeInstance>();
        var seal = ImmutableArray.CreateBuilder<AcceptorId>();
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case FoundingField:
                    good = AgreementFields.TryReadLineage(reader.Bytes, out founding);
                    break;
                case ChangeField:
                    good = ChangeFormat.TryRead(reader.Bytes, out var change);
                    changes.Add(change);
                    break;
                case InheritedField:
                    inherited ??= Sessions.None;
                    good = SessionFormat.TryReadNext(reader.Bytes, ref inherited);
                    break;
                case ExpiredField:
                    good = AgreementFields.TryReadInstance(reader.Bytes, out var session);
                    expired.Add(session);
                    break;
                case SealField:
                    good = AgreementFields.TryReadAcceptor(reader.Bytes, out var acceptor) && seal.Count < Configuration.MaxAcceptors;
                    seal.Add(acceptor);
                    break;
            }
        }

        batch = new Batch { Founding = founding, Inherited = inherited, Changes = changes.ToImmutable(), Expired = expired.ToImmutable(), Seal = seal.ToImmutable() };
        return good && !reader.Malformed;
    }

    private static void Write(ref WireWriter writer, Batch batch)
    {
        if (!batch.Founding.IsNone)
        {
            AgreementFields.Write(ref writer, FoundingField, batch.Founding);
        }

        if (batch.Inherited is not null)
        {
            SessionFormat.Write(ref writer, InheritedField, batch.Inherited);
        }

        foreach (var change in batch.Changes)
        {
            ChangeFormat.Write(ref writer, ChangeField, change);
        }

        foreach (var session in batch.Expired)
        {
            AgreementFields.Write(ref writer, ExpiredField, session);
        }

        foreach (var acceptor in batch.Seal)
        {
            AgreementFields.Write(ref writer, SealField, acceptor);
        }
    }
}
