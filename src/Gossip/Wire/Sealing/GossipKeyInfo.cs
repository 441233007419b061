using System.Globalization;
using Gossip.Wire;

namespace Gossip;

/// <summary>What may be told of a key: never its bytes.</summary>
/// <param name="Id">The id that stands in each packet: two hexadecimal digits. Two keys may have one id.</param>
/// <param name="Fingerprint">The first 16 bytes of a hash of the key, as 32 hexadecimal digits: equal on two nodes if, and only if, the keys are.</param>
/// <param name="Cipher">With what the key seals.</param>
/// <param name="IsPrimary">Whether it seals what the node sends.</param>
public sealed record GossipKeyInfo(string Id, string Fingerprint, GossipCipher Cipher, bool IsPrimary)
{
    private const string Digits = "x32";

    internal static string FingerprintText(UInt128 fingerprint) => fingerprint.ToString(Digits, CultureInfo.InvariantCulture);

    internal static GossipKeyInfo Of(UInt128 fingerprint, GossipCipher cipher, bool isPrimary) =>
        new(RingKey.IdText(RingKey.IdOf(fingerprint)), FingerprintText(fingerprint), cipher, isPrimary);
}

/// <summary>The keys of one member, and what became of a change there.</summary>
/// <param name="Member">The member, or this node itself.</param>
/// <param name="Keys">The keys that it has now, the primary first; empty when it did not answer.</param>
/// <param name="Error">Why the change was not made there; null when it was.</param>
public sealed record MemberKeys(NodeInstance Member, IReadOnlyList<GossipKeyInfo> Keys, GossipException? Error)
{
    /// <summary>Whether the member answered, and the change was made there.</summary>
    public bool Succeeded => Error is null;

    internal bool AllowsChanges { get; init; } = true;
}

/// <summary>What became of a change of keys, for each member.</summary>
public sealed class KeyChangeResult
{
    internal KeyChangeResult(IReadOnlyList<MemberKeys> members) => Members = members;

    /// <summary>This node first, then all members that took part when they were asked.</summary>
    public IReadOnlyList<MemberKeys> Members { get; }

    /// <summary>Whether it succeeded everywhere.</summary>
    public bool Succeeded => Members.All(member => member.Succeeded);

    /// <summary>The members where it did not.</summary>
    public IEnumerable<MemberKeys> Failed => Members.Where(member => !member.Succeeded);
}
