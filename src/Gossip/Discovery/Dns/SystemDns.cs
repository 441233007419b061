using System.Net.NetworkInformation;

namespace Gossip.Discovery.Dns;

/// <summary>How this machine looks names up, read anew each time: networks come and go.</summary>
internal static class SystemDns
{
    private const string ResolvConf = "/etc/resolv.conf";

    /// <summary>More is no resolv.conf.</summary>
    private const int MaxCharacters = 16 * 1024;

    public static DnsSettings Read() => OperatingSystem.IsWindows() ? ReadInterfaces() : DnsSettings.Parse(ReadFile());

    private static string ReadFile()
    {
        try
        {
            using var reader = File.OpenText(ResolvConf);
            var buffer = new char[MaxCharacters];
            return new string(buffer, 0, reader.ReadBlock(buffer, 0, buffer.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // which means a server on this machine
        }
    }

    private static DnsSettings ReadInterfaces()
    {
        IPInterfaceProperties[] interfaces =
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(static nic => nic.OperationalStatus == OperationalStatus.Up && nic.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .Select(static nic => nic.GetIPProperties()),
        ];

        // Windows fills empty lists with site-local addresses that lead nowhere.
        var servers = interfaces.SelectMany(static ip => ip.DnsAddresses).Where(static ip => !ip.IsIPv6SiteLocal).Distinct();
        var domains = interfaces.Select(static ip => ip.DnsSuffix).Where(static suffix => suffix is { Length: > 0 }).Distinct(StringComparer.OrdinalIgnoreCase);
        return DnsSettings.Parse(string.Join('\n', [.. servers.Select(static ip => $"nameserver {ip}"), $"search {string.Join(' ', domains)}"]));
    }
}
