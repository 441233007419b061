using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gossip.Transport;

/// <summary>What an address is for, which decides whether port 0 and unspecified addresses are allowed.</summary>
internal enum AddressUse
{
    /// <summary>Others are reached at it.</summary>
    Dial,

    /// <summary>This node listens at it.</summary>
    Bind,
}

/// <summary>The grammar of <see cref="GossipAddress"/>; every refusal says what is wrong in words that help to mend it.</summary>
internal static class GossipAddressParser
{
    public const string ServicePrefix = "srv+";
    public const char WaySeparator = '|';

    private const string SchemeSeparator = "://";
    private const string Examples =
        "Write for example 10.0.0.4:11511, [2001:db8::1]:11511, node-1.example:11511, srv+_gossip._tcp.example, wss://node-1.example/gossip or 10.0.0.4:11511|wss://node-1.example/gossip.";

    /// <summary>Two ways to one node, of which one is a URL.</summary>
    private const int MaxLength = HostAndPort.MaxLength + 1 + WebAddress.MaxSize;

    /// <summary>So that a message does not repeat a file that was given by mistake.</summary>
    private const int MaxQuotedLength = 100;

    public static GossipAddress Parse(string text, AddressUse use)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (TryParse(text, use, out var address, out var problem))
        {
            return address;
        }

        var quoted = text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength] + "…";
        throw new GossipAddressException($"'{quoted}' is not a valid address: {problem}. {Examples}");
    }

    public static bool TryParse(
        string? text, AddressUse use, [NotNullWhen(true)] out GossipAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            problem = "it is empty";
            return false;
        }

        if (text.Length > MaxLength)
        {
            problem = $"it is longer than {MaxLength} characters";
            return false;
        }

        if (use == AddressUse.Bind && (text.Contains(WaySeparator, StringComparison.Ordinal) || IsService(text) || IsUrl(text)))
        {
            problem = "here only an IP address or a host name makes sense, with a port or without";
            return false;
        }

        return text.Contains(WaySeparator, StringComparison.Ordinal) ? TryParseWays(text, out address, out problem)
            : IsService(text) ? TryParseService(text[ServicePrefix.Length..], out address, out problem)
            : IsUrl(text) ? TryParseUrl(text, out address, out problem)
            : TryParseSocket(text, use, out address, out problem);
    }

    private static bool IsService(string text) => text.StartsWith(ServicePrefix, StringComparison.OrdinalIgnoreCase);

    private static bool IsUrl(string text) => text.Contains(SchemeSeparator, StringComparison.Ordinal);

    private static bool TryParseSocket(
        string text, AddressUse use, [NotNullWhen(true)] out GossipAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        if (text.Length > HostAndPort.MaxLength)
        {
            problem = $"a host and a port have at most {HostAndPort.MaxLength} characters";
            return false;
        }

        if (!HostAndPort.TrySplit(text, out var host, out var portText, out problem)
            || !HostAndPort.TryParsePort(portText, use, out var port, out problem)
            || !HostAndPort.TryParseHost(host, out var ip, out problem))
        {
            return false;
        }

        if (use == AddressUse.Dial && IsUnspecified(ip))
        {
            problem = "the unspecified address can be listened at but not dialled";
            return false;
        }

        address = new GossipAddress(ip?.ToString() ?? host.ToLowerInvariant(), port, ip);
        return true;
    }

    /// <summary>The ways may stand in any order; the socket is preferred in any case.</summary>
    private static bool TryParseWays(string text, [NotNullWhen(true)] out GossipAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        string[] ways = text.Split(WaySeparator, StringSplitOptions.TrimEntries);
        if (ways.Length != 2 || IsUrl(ways[0]) == IsUrl(ways[1]))
        {
            problem = "'|' joins two ways to one node, a host with a port and a URL, as in 10.0.0.4:11511|wss://node-1.example/gossip; other nodes are addresses of their own";
            return false;
        }

        if (IsService(ways[0]) || IsService(ways[1]))
        {
            problem = "'srv+' stands for many nodes, and '|' joins ways to one";
            return false;
        }

        var (socket, url) = IsUrl(ways[0]) ? (ways[1], ways[0]) : (ways[0], ways[1]);
        if (socket.Length == 0)
        {
            problem = "a way beside '|' is empty";
            return false;
        }

        if (!TryParseSocket(socket, AddressUse.Dial, out var first, out problem) || !TryParseUrl(url, out var second, out problem))
        {
            return false;
        }

        address = new GossipAddress(first.Host, (ushort)first.Port, first.Ip, second.Web);
        return true;
    }

    private static bool TryParseService(string text, [NotNullWhen(true)] out GossipAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        if (IsUrl(text))
        {
            if (!TryParseUrl(text, out var url, out problem))
            {
                return false;
            }

            problem = HasPort(text) ? "DNS says the port of a service; leave it out"
                : HostAndPort.TryParseHost(url.Host, out var ip, out _) && ip is null ? null
                : "'srv+' needs a name, for DNS has no services of IP addresses";
            address = problem is null ? new GossipAddress(url.Host, 0, null, url.Web, hasSocket: false, isService: true) : null;
            return address is not null;
        }

        problem = text.Length == 0 ? "the name after 'srv+' is missing"
            : text.Length > HostAndPort.MaxLength ? $"a name has at most {HostAndPort.MaxLength} characters"
            : text.Contains(':', StringComparison.Ordinal) ? "after 'srv+' stands a name alone, for DNS says the port of a service; leave out ':' and what follows"
            : !HostAndPort.TryParseHost(text, out var literal, out var wrong) ? wrong
            : literal is not null ? "'srv+' needs a name, for DNS has no services of IP addresses"
            : null;
        address = problem is null ? new GossipAddress(text.ToLowerInvariant(), 0, null, isService: true) : null;
        return address is not null;
    }

    /// <summary>The host by the rules of all addresses (a URI would read 010.0.0.1 as another host than it seems to be), the rest as a URI.</summary>
    private static bool TryParseUrl(string text, [NotNullWhen(true)] out GossipAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        var scheme = text[..text.IndexOf(SchemeSeparator, StringComparison.Ordinal)].ToLowerInvariant();
        if (text.Length > WebAddress.MaxSize)
        {
            problem = $"a URL has at most {WebAddress.MaxSize} characters";
            return false;
        }

        if (scheme is not ("http" or "https" or "ws" or "wss"))
        {
            problem = $"the scheme '{scheme}://' is unknown; leave it out, or choose ws, wss, http or https";
            return false;
        }

        var authority = Authority(text);
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            problem = "a user or password does not belong into an address; tokens are options";
            return false;
        }

        if (authority.Length == 0)
        {
            problem = "the host is empty";
            return false;
        }

        if (!HostAndPort.TrySplit(authority, out var host, out var port, out problem)
            || !HostAndPort.TryParsePort(port, AddressUse.Dial, out _, out problem)
            || !HostAndPort.TryParseHost(host, out var ip, out problem))
        {
            return false;
        }

        if (IsUnspecified(ip))
        {
            problem = "the unspecified address can be listened at but not dialled";
            return false;
        }

        if (!WebAddress.TryParse(text, out var web, out problem))
        {
            return false;
        }

        // What is said of a URL is said to others in its one spelling, which must be read back as itself.
        if (!WebAddress.TryParse(web.Text, out var again, out _) || !again.Equals(web))
        {
            problem = "the URL has more than one spelling; write its path with plain characters";
            return false;
        }

        address = new GossipAddress(ip?.ToString() ?? host.ToLowerInvariant(), (ushort)web.Uri.Port, null, web, hasSocket: false);
        return true;
    }

    private static string Authority(string url)
    {
        var rest = url[(url.IndexOf(SchemeSeparator, StringComparison.Ordinal) + SchemeSeparator.Length)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest[..end];
    }

    private static bool HasPort(string url) => HostAndPort.TrySplit(Authority(url), out _, out var port, out _) && port is not null;

    private static bool IsUnspecified([NotNullWhen(true)] IPAddress? ip) => ip is not null && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
}
