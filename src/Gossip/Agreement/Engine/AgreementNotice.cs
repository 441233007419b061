using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>What a node tells all others by gossip about its part in the agreement. It changes when seats do, and not with each commit.</summary>
internal sealed record AgreementNotice
{
    /// <summary>The system fact that holds it.</summary>
    public const string FactKey = "agreement";

    private const int StoreField = 1;
    private const int DurableField = 2;
    private const int OffersSeatField = 3;
    private const int ObserverField = 4;
    private const int ZoneField = 5;
    private const int FoundersField = 6;
    private const int SeatField = 7;
    private const int LineageField = 8;
    private const int ConfigurationField = 9;
    private const int BootsField = 10;
    private const int ExpectField = 11;
    private const int ExpectOfField = 12;
    private const int LifeField = 13;
    private const int SightingField = 14;
    private const int DisownedField = 15;
    private const int MaxZoneBytes = 256;
    private const int SizeHint = 512;

    /// <summary>The node's store.</summary>
    public required Guid Store { get; init; }

    /// <summary>The store outlives the process.</summary>
    public bool IsDurable { get; init; }

    /// <summary>The node would take a seat, or keep the one that it has. False at one that only asks, that is leaving, or whose disk failed.</summary>
    public bool OffersSeat { get; init; }

    /// <summary>The node never takes a seat: what it remembers of a cluster is no proof that the cluster lives.</summary>
    public bool IsObserver { get; init; }

    /// <summary>Where the node is.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Names the founders that the node was configured with; empty when it founds nothing.</summary>
    public Guid Founders { get; init; }

    /// <summary>Which of the founders the node is, from 0; -1 for none.</summary>
    public int FoundingSeat { get; init; } = -1;

    /// <summary>How many nodes must have met to found, when the node was told a number.</summary>
    public int Expect { get; init; }

    /// <summary>Of how many at most.</summary>
    public int ExpectOf { get; init; }

    /// <summary>The cluster that the node knows; none before the founding.</summary>
    public Lineage Lineage { get; init; }

    /// <summary>Who votes, told by those who do.</summary>
    public Configuration? Configuration { get; init; }

    /// <summary>The epoch that the node knows, when a former store of the node has a seat in it: that store never votes again. 0 when none has.</summary>
    public long Disowned { get; init; }

    /// <summary>How often the store was opened: of two copies the one that was opened less often is stale.</summary>
    public long Boots { get; init; }

    /// <summary>The life of the process that opened the store: of two copies that were opened equally often one has another.</summary>
    public ulong Life { get; init; }

    /// <summary>What the node remembers of the stores of those who vote.</summary>
    public ImmutableArray<StoreSighting> Sightings { get; init; } = [];

    public byte[] Encode() => WireEncoding.Encode(this, Write, SizeHint);

    [SuppressMessage("Design", "MA0051", Justification = "One case for each field, and nothing else.")]
    public static AgreementNotice? Read(ReadOnlySpan<byte> bytes)
    {
        Guid store = default, founders = default;
        bool durable = false, offers = false, observer = false;
        var zone = "";
        int seat = 0, expect = 0, of = 0;
        ulong boots = 0, life = 0, disowned = 0;
        var sightings = ImmutableArray.CreateBuilder<StoreSighting>();
        Lineage lineage = default;
        Configuration? configuration = null;
        var good = true;
        var reader = new WireReader(bytes);
        while (good && reader.Next())
        {
            switch (reader.Field)
            {
                case StoreField:
                    good = AgreementFields.TryReadGuid(reader.Bytes, out store);
                    break;
                case DurableField:
                    reader.Read(ref durable);
                    break;
                case OffersSeatField:
                    reader.Read(ref offers);
                    break;
                case ObserverField:
                    reader.Read(ref observer);
                    break;
                case ZoneField:
                    reader.Read(ref zone, MaxZoneBytes);
                    break;
                case FoundersField:
                    good = AgreementFields.TryReadGuid(reader.Bytes, out founders);
                    break;
                case SeatField:
                    reader.Read(ref seat);
                    break;
                case ExpectField:
                    reader.Read(ref expect);
                    break;
                case ExpectOfField:
                    reader.Read(ref of);
                    break;
                case LineageField:
                    good = AgreementFields.TryReadLineage(reader.Bytes, out lineage);
                    break;
                case ConfigurationField:
                    good = AgreementFields.TryReadConfiguration(reader.Bytes, out configuration);
                    break;
                case BootsField:
                    reader.Read(ref boots);
                    break;
                case LifeField:
                    reader.Read(ref life);
                    break;
                case DisownedField:
                    reader.Read(ref disowned);
                    break;
                case SightingField:
                    good = StoreSighting.TryRead(reader.Bytes, out var sighting) && sightings.Count < Configuration.MaxAcceptors;
                    sightings.Add(sighting);
                    break;
            }
        }

        return !good || reader.Malformed || store == Guid.Empty ? null : new AgreementNotice
        {
            Store = store,
            IsDurable = durable,
            OffersSeat = offers,
            IsObserver = observer,
            Zone = zone,
            Founders = founders,
            FoundingSeat = seat - 1,
            Expect = expect,
            ExpectOf = of,
            Lineage = lineage,
            Configuration = configuration,
            Disowned = (long)Math.Min(disowned, long.MaxValue),
            Boots = (long)Math.Min(boots, long.MaxValue),
            Life = life,
            Sightings = sightings.ToImmutable(),
        };
    }

    private static void Write(ref WireWriter writer, AgreementNotice notice)
    {
        AgreementFields.Write(ref writer, StoreField, notice.Store);
        writer.Flag(DurableField, notice.IsDurable);
        writer.Flag(OffersSeatField, notice.OffersSeat);
        writer.Flag(ObserverField, notice.IsObserver);
        writer.Text(ZoneField, notice.Zone);
        if (notice.Founders != Guid.Empty)
        {
            AgreementFields.Write(ref writer, FoundersField, notice.Founders);
        }

        writer.Number(SeatField, notice.FoundingSeat + 1);
        writer.Number(ExpectField, notice.Expect);
        writer.Number(ExpectOfField, notice.ExpectOf);
        if (!notice.Lineage.IsNone)
        {
            AgreementFields.Write(ref writer, LineageField, notice.Lineage);
        }

        if (notice.Configuration is not null)
        {
            AgreementFields.Write(ref writer, ConfigurationField, notice.Configuration);
        }

        writer.Number(BootsField, (ulong)notice.Boots);
        writer.Number(LifeField, notice.Life);
        foreach (var sighting in notice.Sightings)
        {
            sighting.Write(ref writer, SightingField);
        }

        writer.Number(DisownedField, (ulong)notice.Disowned);
    }
}
