using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

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
    private const string Examples = "Write for example 10.0.0.4:11511, [2001:db8::1]:11511 or node-1.example:11511.";

    /// <summary>RFC 1035: a whole name, and one label of it.</summary>
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>The longest name with its last dot, a colon and a port; anything else is shorter.</summary>
    private const int MaxLength = MaxNameLength + 1 + 1 + 5;

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

        if (use == AddressUse.Dial && (text.StartsWith("ws://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("wss://", StringComparison.OrdinalIgnoreCase)))
        {
            address = WebAddress.TryParse(text, out var web, out problem) ? new GossipAddress(web) : null;
            return address is not null;
        }

        if (text.Length > MaxLength)
        {
            problem = $"it is longer than {MaxLength} characters";
            return false;
        }

        problem = FindUnsupported(text);
        if (problem is not null || !TrySplit(text, out var host, out var portText, out problem))
        {
            return false;
        }

        if (!TryParsePort(portText, use, out var port, out problem) || !TryParseHost(host, out var ip, out problem))
        {
            return false;
        }

        if (use == AddressUse.Dial && ip is not null && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            problem = "the unspecified address can be listened at but not dialled";
            return false;
        }

        address = new GossipAddress(ip?.ToString() ?? host.ToLowerInvariant(), port, ip);
        return true;
    }

    private static string? FindUnsupported(string text)
    {
        if (text.Contains('|', StringComparison.Ordinal))
        {
            return "several ways to one node ('a|b') are not supported by this version yet";
        }

        if (text.StartsWith("srv+", StringComparison.OrdinalIgnoreCase))
        {
            return "DNS SRV names ('srv+name') are not supported by this version yet";
        }

        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? null : text[..end].ToLowerInvariant() switch
        {
            "http" or "https" => "HTTP addresses are not supported by this version yet",
            "ws" or "wss" => "a WebSocket address can be dialled, and not be listened at here; Web.Address takes it",
            var scheme => $"the scheme '{scheme}://' is unknown; leave it out",
        };
    }

    /// <summary>Parts the host from the port; the port is null when there is none.</summary>
    private static bool TrySplit(string text, out string host, out string? port, [NotNullWhen(false)] out string? problem)
    {
        host = text;
        port = null;
        problem = null;
        if (text[0] == '[')
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
            {
                problem = "the closing ']' is missing";
            }
            else if (close + 1 < text.Length && text[close + 1] != ':')
            {
                problem = "only ':' and a port may follow ']'";
            }
            else
            {
                host = text[..(close + 1)];
                port = close + 1 < text.Length ? text[(close + 2)..] : null;
            }

            return problem is null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return true;
        }

        if (colon != text.LastIndexOf(':'))
        {
            problem = IPAddress.TryParse(text, out _)
                ? $"an IPv6 address needs brackets, as in [{text}]:{GossipAddress.DefaultPort}"
                : "it has more than one ':', and an IPv6 address needs brackets";
            return false;
        }

        host = text[..colon];
        port = text[(colon + 1)..];
        return true;
    }

    private static bool TryParsePort(string? text, AddressUse use, out ushort port, [NotNullWhen(false)] out string? problem)
    {
        port = GossipAddress.DefaultPort;
        problem = null;
        if (text is null)
        {
            return true;
        }

        var lowest = use == AddressUse.Bind ? 0 : 1;
        if (text.Length == 0)
        {
            problem = "the port after ':' is missing";
        }
        else if (!text.All(char.IsAsciiDigit))
        {
            problem = $"the port '{text}' is not a number";
        }
        else if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port < lowest)
        {
            problem = $"the port {text} is out of range ({lowest} to {ushort.MaxValue})";
        }

        return problem is null;
    }

    private static bool TryParseHost(string host, out IPAddress? ip, [NotNullWhen(false)] out string? problem)
    {
        ip = null;
        problem = host switch
        {
            "" => "the host is empty",
            ['[', .. var inner, ']'] => ParseIpv6(inner, out ip),
            _ when host.All(static c => char.IsAsciiDigit(c) || c == '.') => ParseIpv4(host, out ip),
            _ => CheckName(host),
        };
        return problem is null;
    }

    private static string? ParseIpv6(string text, out IPAddress? ip)
    {
        ip = null;
        if (text.Contains('%', StringComparison.Ordinal))
        {
            return "an IPv6 zone ('%…') means something on one host only and is not supported";
        }

        if (!IPAddress.TryParse(text, out ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return $"'{text}' between the brackets is not an IPv6 address";
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return null;
    }

    /// <summary>Four decimal numbers and nothing else: the historic forms (10.1, 0177.1) mean other hosts than they seem to.</summary>
    private static string? ParseIpv4(string text, out IPAddress? ip) =>
        IPAddress.TryParse(text, out ip) && ip.ToString() == text ? null : $"'{text}' is not an IPv4 address";

    private static string? CheckName(string host)
    {
        foreach (var c in host)
        {
            // The underscore is no part of a host name by the book, yet container networks are full of it.
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))
            {
                return $"the host has the character '{c}', which no host name can have";
            }
        }

        var name = host.EndsWith('.') ? host[..^1] : host;
        if (name.Length > MaxNameLength)
        {
            return $"the host is longer than {MaxNameLength} characters";
        }

        return name.Split('.').Any(static label => label.Length is 0 or > MaxLabelLength)
            ? $"a part of the host between dots is empty or longer than {MaxLabelLength} characters"
            : null;
    }
}
