using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gossip;

/// <summary>
/// The 128-bit identity of a node. It is stable: a restarted process keeps it, and only its
/// <see cref="NodeInstance.Generation"/> rises.
/// </summary>
/// <remarks>The text form is 32 lower-case hexadecimal digits; a UUID in any of its usual forms is accepted when parsing.</remarks>
public readonly struct NodeId : IEquatable<NodeId>, IComparable<NodeId>, ISpanParsable<NodeId>, ISpanFormattable
{
    /// <summary>The number of bytes of an identity on the wire.</summary>
    internal const int Size = 16;

    private const int PrefixDigits = 8;

    private readonly UInt128 _value;

    /// <summary>Creates an identity from its 128 bits.</summary>
    /// <param name="value">The bits; all zero means "no node" (<see cref="IsNone"/>).</param>
    public NodeId(UInt128 value) => _value = value;

    /// <summary>True for the default value, which identifies no node.</summary>
    public bool IsNone => _value == UInt128.Zero;

    /// <summary>The first eight hexadecimal digits: enough for a person to tell nodes apart in a log.</summary>
    public string Prefix => ToString(null, CultureInfo.InvariantCulture)[..PrefixDigits];

    /// <summary>Derives the identity of the node that listens at <paramref name="address"/> in <paramref name="clusterName"/>.</summary>
    /// <param name="clusterName">The name of the cluster.</param>
    /// <param name="address">The advertised address, for example <c>10.0.0.4:11511</c>.</param>
    /// <returns>The first 128 bits of SHA-256 over both, so that a restart at the same address is the same node.</returns>
    public static NodeId Derive(string clusterName, string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(clusterName);
        ArgumentException.ThrowIfNullOrEmpty(address);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"gossip-node\0{clusterName}\0{address}"), hash);
        return Read(hash);
    }

    /// <summary>Parses 32 hexadecimal digits, or a UUID.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format does not depend on culture.</param>
    /// <returns>The identity.</returns>
    /// <exception cref="FormatException"><paramref name="s"/> is neither.</exception>
    public static NodeId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider)"/>
    public static NodeId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException($"'{s}' is not a node id: expected 32 hexadecimal digits or a UUID such as 01960f9b-72ca-7a51-9efa-47c12f42a138.");

    /// <summary>Tries to parse 32 hexadecimal digits, or a UUID.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: the format does not depend on culture.</param>
    /// <param name="result">The identity, or the default value.</param>
    /// <returns>Whether <paramref name="s"/> was an identity other than all zero.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string, IFormatProvider, out NodeId)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out NodeId result)
    {
        // A UUID's text is its bits in big-endian order, so both forms meet in one number.
        Span<char> digits = stackalloc char[2 * Size];
        var count = 0;
        foreach (var c in s)
        {
            if (c is '-' or '{' or '}')
            {
                continue;
            }

            if (count == digits.Length)
            {
                result = default;
                return false;
            }

            digits[count++] = c;
        }

        if (count == digits.Length
            && UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            && value != UInt128.Zero)
        {
            result = new NodeId(value);
            return true;
        }

        result = default;
        return false;
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => _value.CompareTo(other._value);

    /// <inheritdoc/>
    public bool Equals(NodeId other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NodeId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => _value.ToString("x32", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        _value.TryFormat(destination, out charsWritten, "x32", CultureInfo.InvariantCulture);

    /// <summary>Whether two identities are the same.</summary>
    public static bool operator ==(NodeId left, NodeId right) => left._value == right._value;

    /// <summary>Whether two identities differ.</summary>
    public static bool operator !=(NodeId left, NodeId right) => left._value != right._value;

    /// <summary>Orders identities by their bits.</summary>
    public static bool operator <(NodeId left, NodeId right) => left._value < right._value;

    /// <summary>Orders identities by their bits.</summary>
    public static bool operator >(NodeId left, NodeId right) => left._value > right._value;

    /// <summary>Orders identities by their bits.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left._value <= right._value;

    /// <summary>Orders identities by their bits.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left._value >= right._value;

    /// <summary>The low 64 bits: already uniformly distributed, so bucket and hash computations may use them as they are.</summary>
    internal ulong LowBits => (ulong)_value;

    internal ulong HighBits => (ulong)(_value >> 64);

    internal static NodeId Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    internal void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, _value);
}
