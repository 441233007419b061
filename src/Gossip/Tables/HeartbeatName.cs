using System.Security.Cryptography;
using System.Text;
using Gossip.Metadata;

namespace Gossip.Tables;

/// <summary>What a row is called in the facts that nodes tell each other: by its key, or by a hash of it when that is longer than a fact's key may be.</summary>
internal static class HeartbeatName
{
    private const string HashPrefix = "sha256:";
    private static readonly int MaxBytes = FactLimits.Default.MaxKeyBytes - Encoding.UTF8.GetByteCount(TableFacts.HeartbeatPrefix);

    /// <summary>No two keys have the same name: one that looks like a hash is hashed, too.</summary>
    public static string Of(string key) =>
        Encoding.UTF8.GetByteCount(key) <= MaxBytes && !key.StartsWith(HashPrefix, StringComparison.Ordinal)
            ? key
            : HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
