using System.Runtime.CompilerServices;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// The bytes of what a node says about a member, kept inside the <see cref="Member"/>: writing it again is copying, and whoever says the
/// very same is understood without being read.
/// </summary>
internal struct EncodedStatement
{
    /// <summary>All that may be said of a living member fits. What does not, as of future traits, is not kept.</summary>
    private const int MaxSize = 79;

    private Buffer _bytes;
    private byte _size;

    public readonly bool IsEmpty => _size == 0;

    public void Clear() => _size = 0;

    public void Keep(in MemberStatement statement)
    {
        Span<byte> bytes = _bytes;
        var writer = new WireWriter(bytes);
        statement.WriteFields(ref writer);
        _size = writer.Overflowed ? (byte)0 : (byte)writer.Position;
    }

    public readonly bool IsOf(in MemberStatement statement)
    {
        EncodedStatement other = default;
        other.Keep(statement);
        return Equals(((ReadOnlySpan<byte>)other._bytes)[..other._size]);
    }

    public readonly bool Equals(ReadOnlySpan<byte> body) => body.Length == _size && body.SequenceEqual(((ReadOnlySpan<byte>)_bytes)[.._size]);

    public readonly void Write(ref WireWriter writer) => writer.Bytes((int)MessageKind.Member, ((ReadOnlySpan<byte>)_bytes)[.._size]);

    [InlineArray(MaxSize)]
    private struct Buffer
    {
        private byte _first;
    }
}
