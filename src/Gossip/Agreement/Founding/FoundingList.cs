using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>
/// The seats of epoch 0. They are known by their place in the list, not by who fills them, because nobody knows yet which stores there are. Two lists never share
/// a name, so nodes that were told different lists never count each other's votes.
/// </summary>
internal sealed class FoundingList
{
    private readonly ImmutableArray<AcceptorId> _seats;

    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="entries">What tells the founders apart, such as their addresses; in any order.</param>
    /// <param name="parent">The incarnation that is to be succeeded, so that votes for the successors of two never mix; empty for a first register.</param>
    public FoundingList(string cluster, IEnumerable<string> entries, Guid parent = default)
    {
        Entries = [.. entries.Order(StringComparer.Ordinal)];
        var name = parent == Guid.Empty ? $"gossip-founders\0{cluster}" : $"gossip-successors\0{parent:N}\0{cluster}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\0{string.Join('\0', Entries)}"), hash);
        Id = new Guid(hash[..AgreementFields.GuidSize], bigEndian: true);
        _seats = [.. Entries.Select((_, index) => Seat(index))];
        Configuration = Configuration.Of(0, _seats);
    }

    /// <summary>Names the list.</summary>
    public Guid Id { get; }

    /// <summary>The entries, in the order that gives each its seat.</summary>
    public ImmutableArray<string> Entries { get; }

    /// <summary>The seats as who votes in epoch 0.</summary>
    public Configuration Configuration { get; }

    public static FoundingList Of(string cluster, IEnumerable<NodeEndpoint> founders, Guid parent = default) =>
        new(cluster, founders.Select(founder => founder.ToString()), parent);

    /// <summary>A list of founders of whom only the number is known. Nodes that were told other numbers have another list.</summary>
    public static FoundingList OfNumber(string cluster, int expected, int of, Guid parent = default) => new(
        string.Create(CultureInfo.InvariantCulture, $"{cluster}\0{expected} of {of}"),
        Enumerable.Range(1, of).Select(number => string.Create(CultureInfo.InvariantCulture, $"#{number}")),
        parent);

    public AcceptorId SeatAt(int index) => _seats[index];

    /// <summary>Which entry a seat stands for; -1 for none.</summary>
    public int IndexOf(AcceptorId seat) => _seats.IndexOf(seat);

    private AcceptorId Seat(int index)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"gossip-founding-seat\0{Id:N}\0{index}")), hash);
        Span<byte> store = stackalloc byte[AgreementFields.GuidSize];
        store.Clear();
        BinaryPrimitives.WriteInt32BigEndian(store[^sizeof(int)..], index + 1);
        return new AcceptorId(NodeId.Read(hash), new Guid(store, bigEndian: true));
    }
}
