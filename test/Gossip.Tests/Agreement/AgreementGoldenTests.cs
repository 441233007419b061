using System.Security.Cryptography;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>The bytes of every message of the agreement, and of all that is kept on disk, pinned: nodes of two versions must come to the same values.</summary>
public sealed class AgreementGoldenTests
{
    private static readonly NodeInstance Life = new(NodeId.Parse("000102030405060708090a0b0c0d0e0f"), 0x1122);
    private static readonly AcceptorId Seat = new(Life.Id, Guid.Parse("a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf"));

    /// <summary>The first bytes of SHA-256 over each message in the order of <see cref="AgreementCodecTests"/>: they hold whole values.</summary>
    [Fact]
    public void Messages_of_acceptors_are_as_ever()
    {
        Assert.Equal("caecaec98e74 1124c0eca179 cb1b28e44d7b 2e287bdd8572 030ba6bf6d90 e6ab00d9cee3 6f6f595f15d7", string.Join(' ', AgreementCodecTests.AllRequests().Select(AgreementFormat.Encode).Select(Short)));
        Assert.Equal("560fa8c85344 c93c9c65737d 4bc053efb419 a291c2e048af 5bf69c2103f0 13ae93bf75f7 da343588a102 e110a6bdaa0b 245719912385 78f23cab373f 0f212f467ee1 ca751ad3505d d4ad14cf60b9", string.Join(' ', AgreementCodecTests.AllReplies().Select(AgreementFormat.Encode).Select(Short)));
    }

    [Fact]
    public void Records_of_acceptors_are_as_ever() => Assert.Equal(
        "1a15b30bfd4b 4680929e2989 cedc15204862 09675f9a9b4c 3476afb62f5f aa1f125ae5a0 5d7b9dfb788a dea506426344",
        string.Join(' ', AgreementCodecTests.AllRecords().Select(RecordFormat.Encode).Select(Short)));

    [Fact]
    public void The_first_batch_of_a_successor_is_as_ever() => Assert.Equal("3bf21e39bc89", Short(AgreementCodecTests.AnHeirsBatch().Encoded.ToArray()));

    [Fact]
    public void A_notice_is_as_ever()
    {
        var notice = new AgreementNotice
        {
            Store = Seat.Store,
            IsDurable = true,
            OffersSeat = true,
            Zone = "a",
            Founders = Guid.Parse("b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf"),
            FoundingSeat = 1,
            Lineage = new Lineage(Guid.Parse("c0c1c2c3-c4c5-c6c7-c8c9-cacbcccdcecf"), Guid.Empty, 0),
            Configuration = Configuration.Of(3, [Seat]),
            Boots = 7,
        };

        Assert.Equal("0a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf100118012a01613210b0b1b2b3b4b5b6b7b8b9babbbcbdbebf380242240a10c0c1c2c3c4c5c6c7c8c9cacbcccdcecf1210000000000000000000000000000000004a28080312240a10000102030405060708090a0b0c0d0e0f1210a0a1a2a3a4a5a6a7a8a9aaabacadaeaf5007", Convert.ToHexStringLower(notice.Encode()));
        Assert.Equal(notice, AgreementNotice.Read(notice.Encode()));
    }

    [Fact]
    public void A_notice_of_who_founds_by_number_and_lost_its_seat_is_as_ever()
    {
        var notice = new AgreementNotice { Store = Seat.Store, Expect = 2, ExpectOf = 3, Life = 8, Sightings = [new StoreSighting(Seat.Store, 4, 5, IsTwofold: true)], Disowned = 6 };

        Assert.Equal("0a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf2a0058026003680872180a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf1004180520017806", Convert.ToHexStringLower(notice.Encode()));
        Assert.Equal((2, 3, 6L), AgreementNotice.Read(notice.Encode()) is { } read ? (read.Expect, read.ExpectOf, read.Disowned) : default);
    }

    [Fact]
    public void Words_about_turns_are_as_ever() =>
        Assert.Equal("080212150a10000102030405060708090a0b0c0d0e0f10a2221805", Convert.ToHexStringLower(TurnFormat.Encode(new TurnMessage(TurnStep.Grant, new Turn(Life, 5)))));

    [Fact]
    public void A_packet_is_as_ever() => Assert.Equal(
        "67010300e7dcba08417ef8c2000102030405060708090a0b0c0d0e0f0000000000001122e2020808a2221203010203",
        Convert.ToHexStringLower(AgreementPacket.Write(new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Agreement, 0, 0xe7dcba08417ef8c2, Life), MessageKind.Turn, Life.Generation, [1, 2, 3])));

    [Fact]
    public void Changes_of_the_table_are_as_ever()
    {
        TableChange[] changes =
        [
            new InsertRow(new TableVersion(7, 9), "key", new byte[] { 1, 2 }, IsTerminal: true, Floor: 11),
            new UpdateRow(new TableVersion(7, 9), "key", 8, new byte[] { 3 }, IsTerminal: false),
            new RemoveRows([("key", 8), ("other", 6)]),
            new ClearTable(),
            new RestoreTable(new TableVersion(7, 9), [("key", new StoredRow(new byte[] { 1 }, 8, IsTerminal: true))]),
        ];

        Assert.Equal("080110071809220b0a036b6579120201022001280b 080210071809220a0a036b65791201031808 080322090a036b657912001808220b0a056f7468657212001806 0804 080510071809220c0a036b657912010118082001", string.Join(' ', changes.Select(change => Convert.ToHexStringLower(TableFormat.Encode(change)))));
    }

    private static string Short(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 6));
}
