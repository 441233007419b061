using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Discovery.Dns;

/// <summary>Which servers are asked, for how long, and what is appended to short names (resolv.conf(5)).</summary>
internal sealed record DnsSettings
{
    public const int Port = 53;

    /// <summary>As in the C library: more servers, domains or attempts would only make a failure slow.</summary>
    private const int MaxServers = 3;
    private const int MaxDomains = 32;
    private const int MaxAttempts = 5;
    private const int MaxDots = 15;
    private const int MaxTimeoutSeconds = 30;

    /// <summary>Less than the C library's five seconds: a seed is asked for again soon, and a node that starts waits for the first answer.</summary>
    private const int DefaultTimeoutSeconds = 2;

    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>A name with at least so many dots is tried as it is before the domains are appended.</summary>
    public int Dots { get; init; } = 1;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(DefaultTimeoutSeconds);

    /// <summary>How often each server is asked.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Reads the text of a resolv.conf. Lines that are not understood are left out, as everywhere.</summary>
    public static DnsSettings Parse(string text)
    {
        List<IPEndPoint> servers = [];
        var settings = new DnsSettings();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.TrimStart() is ['#' or ';', ..])
            {
                continue;
            }

            string[] words = line.ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            settings = words switch
            {
                ["search", .. var domains] => settings with { Domains = Normalized(domains) },
                ["domain", var domain, ..] => settings with { Domains = Normalized([domain]) },
                ["options", .. var options] => options.Aggregate(settings, static (all, option) => all.With(option)),
                _ => settings,
            };
            if (words is ["nameserver", var server, ..] && servers.Count < MaxServers && IPAddress.TryParse(server, out var ip))
            {
                servers.Add(new IPEndPoint(ip, Port));
            }
        }

        return settings with { Servers = servers.Count > 0 ? servers : [new IPEndPoint(IPAddress.Loopback, Port)] };
    }

    /// <summary>Reads a server as options name it: an IP address, and a port where it is not 53.</summary>
    public static bool TryParseServer(string? text, out IPEndPoint server)
    {
        server = new IPEndPoint(IPAddress.None, 0);
        if (!IPEndPoint.TryParse(text ?? "", out var read) || !IsPlain(text!, read.Address))
        {
            return false;
        }

        server = read.Port == 0 ? new IPEndPoint(read.Address, Port) : read;
        return true;
    }

    /// <summary>The names to ask for, in order.</summary>
    public IEnumerable<string> Candidates(string name)
    {
        var plain = DnsName.Normalize(name);
        if (name.EndsWith('.'))
        {
            return [plain];
        }

        var appended = Domains.Select(domain => $"{plain}.{domain}");
        return plain.Count(static c => c == '.') >= Dots ? [plain, .. appended] : [.. appended, plain];
    }

    /// <summary>The historic forms of IPv4 addresses (10.1, 0177.1) mean other hosts than they seem to.</summary>
    private static bool IsPlain(string text, IPAddress ip) =>
        ip.AddressFamily == AddressFamily.InterNetworkV6 || text.StartsWith(ip.ToString(), StringComparison.Ordinal);

    private static string[] Normalized(string[] domains) =>
        [.. domains.Take(MaxDomains).Select(DnsName.Normalize).Where(static domain => domain.Length > 0)];

    private DnsSettings With(string option)
    {
        var colon = option.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !int.TryParse(option.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return this;
        }

        return option[..colon] switch
        {
            "ndots" => this with { Dots = Math.Min(value, MaxDots) },
            "timeout" => this with { Timeout = TimeSpan.FromSeconds(Math.Clamp(value, 1, MaxTimeoutSeconds)) },
            "attempts" => this with { Attempts = Math.Clamp(value, 1, MaxAttempts) },
            _ => this,
        };
    }
}
