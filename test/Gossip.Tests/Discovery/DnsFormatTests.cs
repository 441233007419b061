using Gossip.Discovery.Dns;
using Xunit;

namespace Gossip.Tests.Discovery;

public sealed class DnsFormatTests
{
    private static readonly byte[] Query = DnsBytes.Query(0x1234, "_gossip._tcp.example", DnsBytes.Srv);

    [Fact]
    public void A_query_has_these_bytes()
    {
        var buffer = new byte[DnsFormat.MaxQuerySize];
        Assert.True(DnsFormat.TryWriteQuery(0x1234, new DnsQuestion("_gossip._tcp.example", DnsType.Srv), buffer, out var size));
        Assert.Equal("123401000001000000000000075F676F73736970045F746370076578616D706C650000210001", Convert.ToHexString(buffer, 0, size));
        Assert.Equal(Query, buffer[..size]);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("é")]
    public void What_is_no_name_is_not_asked_for(string name) =>
        Assert.False(DnsFormat.TryWriteQuery(1, new DnsQuestion(name, DnsType.A), new byte[DnsFormat.MaxQuerySize], out _));

    [Theory]
    [InlineData(63, 3, 61, true)]
    [InlineData(63, 3, 62, false)]
    [InlineData(64, 0, 1, false)]
    public void Names_have_the_lengths_that_the_wire_can_hold(int label, int labels, int last, bool fits)
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', label), Math.Max(labels, 1)).Append(new string('b', last)));
        var buffer = new byte[DnsFormat.MaxQuerySize];
        Assert.Equal(fits, DnsFormat.TryWriteQuery(1, new DnsQuestion(name, DnsType.A), buffer, out var size));
        if (fits)
        {
            buffer[2] = 0x80; // an answer
            Assert.True(DnsFormat.TryReadResponse(buffer.AsSpan(0, size), out var response));
            Assert.Equal(name, response.Question.Name);
        }
    }

    [Fact]
    public void An_answer_is_read_with_what_came_beside_and_names_may_point_back()
    {
        var target = DnsBytes.Query(0, "_gossip._tcp.example", DnsBytes.Srv).AsSpan().IndexOf("\aexample"u8);
        byte[] pointed = [1, (byte)'N', 0xc0, (byte)target]; // N.example
        var reply = DnsBytes.Reply(Query,
            answers: [DnsBytes.Record(DnsBytes.Question, DnsBytes.Srv, 30, [.. DnsBytes.Number(1), .. DnsBytes.Number(2), .. DnsBytes.Number(7000), .. pointed]), DnsBytes.Record(DnsBytes.Question, DnsBytes.Txt, 1, [1, 2, 3])],
            authorities: [DnsBytes.StartOfAuthority("example", 300, 20)],
            additional: [DnsBytes.Address("n.example", "10.0.0.1"), DnsBytes.Address("n.example", "2001:db8::1", ttl: 0x80000000)]);

        Assert.True(DnsFormat.TryReadResponse(reply, out var response));
        Assert.Equal(0x1234, response.Id);
        Assert.Equal(new DnsQuestion("_gossip._tcp.example", DnsType.Srv), response.Question);
        Assert.Equal(DnsCode.NoError, response.Code);
        var record = Assert.Single(response.Answers);
        Assert.Equal(("_gossip._tcp.example", "n.example", 30u), (record.Name, record.Target, record.Ttl));
        Assert.Equal(new DnsService(1, 2, 7000), record.Service);
        Assert.Equal(20u, response.NegativeTtl);
        Assert.Equal(["10.0.0.1", "2001:db8::1"], response.Additional.Select(beside => beside.Address!.ToString()));
        Assert.Equal(0u, response.Additional[1].Ttl);
    }

    [Fact]
    public void Of_a_cut_answer_only_the_question_counts()
    {
        byte[] reply = [.. DnsBytes.Reply(Query, isCut: true, answers: [DnsBytes.Service("x", 0, 0, 1, "y")])];
        Assert.True(DnsFormat.TryReadResponse(reply.AsSpan(0, reply.Length - 5), out var response));
        Assert.True(response.IsTruncated);
        Assert.Empty(response.Answers);
    }

    [Fact]
    public void What_is_no_answer_is_refused()
    {
        var good = DnsBytes.Reply(Query, answers: [DnsBytes.Service("_gossip._tcp.example", 0, 0, 1, "y")]);
        Assert.True(DnsFormat.TryReadResponse(good, out _));
        for (var length = 0; length < good.Length; length++)
        {
            Assert.False(DnsFormat.TryReadResponse(good.AsSpan(0, length), out _));
        }

        Assert.False(DnsFormat.TryReadResponse(Query, out _)); // a question
        Assert.False(DnsFormat.TryReadResponse([.. good[..2], 0xa8, .. good[3..]], out _)); // another operation
        Assert.False(DnsFormat.TryReadResponse([.. good[..4], 0, 2, .. good[6..]], out _)); // two questions
        Assert.False(DnsFormat.TryReadResponse(DnsBytes.Reply(Query, answers: [DnsBytes.Record(DnsBytes.Question, DnsBytes.A, 1, [1, 2, 3])]), out _));
        Assert.False(DnsFormat.TryReadResponse(DnsBytes.Reply(Query, answers: [DnsBytes.Record(DnsBytes.Question, DnsBytes.Cname, 1, [.. DnsBytes.Name("a"), 0])]), out _)); // more than a name
        Assert.False(DnsFormat.TryReadResponse(DnsBytes.Reply(Query, answers: [DnsBytes.Record(DnsBytes.Question, DnsBytes.Srv, 1, [0, 0, 0])]), out _));
    }

    [Fact]
    public void Pointers_that_do_not_lead_back_are_refused_and_end_in_any_case()
    {
        byte[] head = [.. DnsBytes.Query(1, "a", DnsBytes.A)];
        foreach (var (high, low) in ((byte, byte)[])[(0xc0, (byte)head.Length), (0xc0, (byte)(head.Length + 2)), (0xff, 0xff)])
        {
            Assert.False(DnsFormat.TryReadResponse(DnsBytes.Reply(head, answers: [DnsBytes.Record([high, low], DnsBytes.A, 1, [1, 2, 3, 4])]), out _));
        }

        // From the label before the pointer to itself, over and over: longer than any name.
        byte[] loop = [1, (byte)'x', 0xc0, (byte)head.Length];
        Assert.False(DnsFormat.TryReadResponse(DnsBytes.Reply(head, answers: [DnsBytes.Record(loop, DnsBytes.A, 1, [1, 2, 3, 4])]), out _));
    }

    [Fact]
    public void Records_with_names_that_nothing_can_have_are_left_out()
    {
        byte[] odd = [3, (byte)'a', (byte)' ', (byte)'b', 0];
        var reply = DnsBytes.Reply(Query, answers: [DnsBytes.Record(odd, DnsBytes.A, 1, [1, 2, 3, 4]), DnsBytes.Record(DnsBytes.Question, DnsBytes.Cname, 1, odd), DnsBytes.Service("_gossip._tcp.example", 0, 0, 1, "y")]);
        Assert.True(DnsFormat.TryReadResponse(reply, out var response));
        Assert.Equal("y", Assert.Single(response.Answers).Target);
    }
}
