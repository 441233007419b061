using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gossip.Transport;

/// <summary>Where a node is reached by WebSocket or HTTP, in the one spelling that compares equal to itself.</summary>
internal sealed record WebAddress
{
    /// <summary>In bytes: more than any sensible path, and little enough to travel in a datagram beside what else is said of a member.</summary>
    public const int MaxSize = 255;

    private WebAddress(Uri uri)
    {
        Uri = uri;
        Text = uri.AbsoluteUri;
    }

    public Uri Uri { get; }

    public string Text { get; }

    public bool IsWebSocket => Uri.Scheme is "ws" or "wss";

    /// <summary>Reads <c>ws</c>, <c>wss</c>, <c>http</c> or <c>https</c>, a host, a port and a path; the problem completes "it is no address, for …".</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out WebAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = !Uri.TryCreate(text, UriKind.Absolute, out var uri) ? "it is no URL"
            : uri.Scheme is not ("ws" or "wss" or "http" or "https") ? $"the scheme '{uri.Scheme}' is not one of ws, wss, http, https"
            : uri.Host.Length == 0 ? "the host is missing"
            : uri.Port == 0 ? "port 0 cannot be dialled"
            : uri.UserInfo.Length > 0 ? "a user or password does not belong into an address; tokens are options"
            : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "a '?' or '#' part has no meaning"
            : Encoding.UTF8.GetByteCount(uri.AbsoluteUri) > MaxSize ? $"it is longer than {MaxSize} bytes"
            : null;
        if (problem is not null)
        {
            return false;
        }

        address = new WebAddress(uri!);
        return true;
    }

    public bool Equals(WebAddress? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
