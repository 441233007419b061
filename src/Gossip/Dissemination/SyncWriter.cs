using System.Numerics;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>What comparisons of views send: digests, and the statements and facts that the other side lacks.</summary>
internal sealed class SyncWriter(EngineContext context)
{
    public const int HashesField = 1;

    /// <summary>Room that must be left in a frame before another member's statement and facts are begun.</summary>
    public const int StatementReserve = 256;

    /// <summary>One answer carries no more; it then ends with a digest, so that the reader asks for the rest.</summary>
    private const int MaxAnswerBytes = 2 * 1024 * 1024;

    /// <summary>Room for the keys and lengths around the sums of a digest.</summary>
    private const int DigestOverhead = 16;

    public void WriteDigest(ref WireWriter writer, int wantedBuckets)
    {
        // Fewer buckets are coarser, not wrong: a small datagram takes what fits.
        var room = (writer.Remaining - DigestOverhead) / sizeof(ulong);
        var count = Math.Min(wantedBuckets, 1 << BitOperations.Log2((uint)room));
        Span<ulong> buckets = stackalloc ulong[count];
        ViewDigest.Compute(context.Table, context.Timing, context.Now.Ticks, buckets);
        Span<byte> bytes = stackalloc byte[buckets.Length * sizeof(ulong)];
        ViewDigest.Write(buckets, bytes);
        var mark = writer.Begin((int)MessageKind.SyncDigest);
        writer.Bytes(HashesField, bytes);
        writer.End(mark);
    }

    /// <summary>Sends statements and facts, in as many frames as that takes.</summary>
    public void SendContents(List<Member> members, Func<Member, FactsPosition> factsSince, in PacketSource source, Member? sender)
    {
        if (members.Count == 0)
        {
            return;
        }

        var sent = 0;
        var writer = context.Packets.BeginFrame();
        foreach (var member in members)
        {
            // Large facts fill frames below, and leave the one that is begun here with room: both must be looked at.
            if (sent >= MaxAnswerBytes || writer.Remaining < StatementReserve)
            {
                sent += writer.Position;
                Answer(ref writer, source, sender);
                writer = context.Packets.BeginFrame();
                if (sent >= MaxAnswerBytes)
                {
                    WriteDigest(ref writer, ViewDigest.MaxBuckets);
                    break;
                }
            }

            member.ToStatement(context.Now.Ticks, history: true).Write(ref writer);
            var since = factsSince(member);
            if (since.Version >= member.Facts.Version)
            {
                continue;
            }

            FactsWritten written;
            while ((written = FactsMessage.Write(ref writer, member, ref since)) is not FactsWritten.Rest)
            {
                if (written == FactsWritten.Advert && writer.Position <= PacketHeader.Size + StatementReserve)
                {
                    break; // an empty frame does not hold it either: limits are such that this does not happen
                }

                sent += writer.Position;
                Answer(ref writer, source, sender);
                writer = context.Packets.BeginFrame();
            }
        }

        Answer(ref writer, source, sender);
    }

    /// <summary>Contents go over streams: on the connection of the question, or else to the member that asked.</summary>
    public void Answer(ref WireWriter writer, in PacketSource source, Member? sender)
    {
        if (source.IsStream)
        {
            context.Packets.Reply(ref writer, source, sender);
        }
        else if (sender is not null)
        {
            context.Packets.Stream(ref writer, sender.Endpoint);
        }
    }
}
