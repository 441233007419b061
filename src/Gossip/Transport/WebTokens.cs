using System.Security.Cryptography;
using System.Text;

namespace Gossip.Transport;

/// <summary>Compares bearer tokens in a time that tells nothing about them, not even their length.</summary>
internal sealed class WebTokens(string? expected)
{
    public const int MinLength = 16;
    public const int MaxLength = 1024;
    private const string Scheme = "Bearer ";

    private readonly byte[]? _expected = expected is null ? null : Hash(expected);

    /// <summary>Whether a token is asked for at all.</summary>
    public bool AreAskedFor => _expected is not null;

    /// <summary>The syntax of RFC 6750: all else would not arrive as it was sent.</summary>
    public static bool IsValid(string token) =>
        token.Length is >= MinLength and <= MaxLength && token.All(static c => char.IsAsciiLetterOrDigit(c) || "-._~+/=".Contains(c, StringComparison.Ordinal));

    /// <summary>Whether the header <c>Authorization</c> of a request has the token; null when it has none.</summary>
    public bool? Accept(string? authorization)
    {
        if (_expected is null)
        {
            return true;
        }

        return authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || authorization.Length > Scheme.Length + MaxLength
            ? null
            : CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), _expected);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
