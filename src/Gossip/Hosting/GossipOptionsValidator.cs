using System.Net;
using System.Text;
using Gossip.Discovery.Dns;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Options;

namespace Gossip.Hosting;

/// <summary>Finds every problem of the options before a socket is opened, and says of each what to change.</summary>
internal sealed class GossipOptionsValidator : IValidateOptions<GossipOptions>
{
    private const int MaxNameLength = 128;
    private const int MaxTextBytes = 256;
    private const int MinDatagramSize = 576; // every IPv4 host must accept it (RFC 791)
    private const int MaxDatagramSize = 65_507;
    private const int MinMembers = 2;
    private const int MaxMembers = 64 * 1024; // more do not fit the buckets of a digest
    private const int MinMetadataBytes = 1024;
    private const int MaxMetadataBytes = 1024 * 1024;
    private static readonly TimeSpan MaxStopTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, GossipOptions options)
    {
        var failures = Check(options);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Throws one error with all problems.</summary>
    public static void Demand(GossipOptions options)
    {
        var failures = Check(options);
        if (failures.Count > 0)
        {
            throw new GossipOptionsException(failures);
        }
    }

    public static List<string> Check(GossipOptions options)
    {
        List<string> failures = [];
        CheckNames(options, failures);
        CheckAddresses(options, failures);
        CheckNetworks(options, failures);
        WebOptionsCheck.Check(options, failures);
        CheckKeys(options, failures);
        CheckContent(options, failures);
        CheckPart(nameof(options.Messaging), () => Present(options.Messaging).Checked(), failures);
        CheckPart(nameof(options.Streaming), () => Present(options.Streaming).Checked(), failures);
        TableOptionsCheck.Check(options, ListensOnLoopbackOnly(options), failures);
        Require(options.MaxDatagramSize is >= MinDatagramSize and <= MaxDatagramSize, failures,
            $"{nameof(options.MaxDatagramSize)} is {options.MaxDatagramSize}: choose {MinDatagramSize} to {MaxDatagramSize} bytes.");
        Require(options.MaxMembers is >= MinMembers and <= MaxMembers, failures,
            $"{nameof(options.MaxMembers)} is {options.MaxMembers}: choose {MinMembers} to {MaxMembers}.");
        Require(options.MaxMetadataBytes is >= MinMetadataBytes and <= MaxMetadataBytes, failures,
            $"{nameof(options.MaxMetadataBytes)} is {options.MaxMetadataBytes}: choose {MinMetadataBytes} to {MaxMetadataBytes} bytes.");
        Require(options.StopTimeout > TimeSpan.Zero && options.StopTimeout <= MaxStopTimeout, failures,
            $"{nameof(options.StopTimeout)} is {options.StopTimeout}: choose more than zero and at most an hour.");
        Require(Enum.IsDefined(options.Profile), failures,
            $"{nameof(options.Profile)} is {options.Profile}: choose {string.Join(", ", Enum.GetNames<GossipProfile>())}.");
        return failures;
    }

    private static void CheckNames(GossipOptions options, List<string> failures)
    {
        Require(options.ClusterName is { Length: > 0 and <= MaxNameLength }, failures,
            $"{nameof(options.ClusterName)} is '{options.ClusterName}': give the same name of 1 to {MaxNameLength} characters to every node.");
        Require(options.ServiceId is { Length: <= MaxNameLength }, failures,
            $"{nameof(options.ServiceId)} is longer than {MaxNameLength} characters: shorten it on every node.");
        CheckCharacters(nameof(options.ClusterName), options.ClusterName, failures);
        CheckCharacters(nameof(options.ServiceId), options.ServiceId, failures);
        Require(options.NodeId is null || global::Gossip.NodeId.TryParse(options.NodeId, null, out _), failures,
            $"{nameof(options.NodeId)} is '{options.NodeId}': give 32 hexadecimal digits or a UUID, or leave it out to derive it from the address.");
        Require(options.ApplicationVersion is not null && Encoding.UTF8.GetByteCount(options.ApplicationVersion) <= MaxTextBytes, failures,
            $"{nameof(options.ApplicationVersion)} must be text of at most {MaxTextBytes} bytes.");
    }

    /// <summary>
    /// The names are hashed and authenticated with a NUL between them, in UTF-8, which has one and the same replacement for all halves of a
    /// surrogate pair: with either inside, different names would be the same to the seals. The name is not repeated, for it would break a log's lines.
    /// </summary>
    private static void CheckCharacters(string option, string? name, List<string> failures) =>
        Require(name?.EnumerateRunes().Any(rune => Rune.IsControl(rune) || rune == Rune.ReplacementChar) != true, failures,
            $"{option} contains a control character, or text that is not valid Unicode: take it out, on every node.");

    private static void CheckAddresses(GossipOptions options, List<string> failures)
    {
        var bind = CheckAddress(nameof(options.BindAddress), options.BindAddress, GossipAddress.ParseBind, failures);
        CheckAddress(nameof(options.AdvertiseAddress), options.AdvertiseAddress, GossipAddress.ParseBind, failures);
        foreach (var seed in options.Seeds)
        {
            if (seed is null)
            {
                failures.Add($"{nameof(options.Seeds)} contains null: give an address such as 10.0.0.4:{GossipAddress.DefaultPort}.");
            }
            else if (CheckAddress(nameof(options.Seeds), seed, text => GossipAddress.Parse(text), failures) is { } address
                && !options.Client && !options.WebOnly && IsLoopback(bind) && address.Ip is { } ip && !IPAddress.IsLoopback(ip))
            {
                failures.Add($"{nameof(options.BindAddress)} is loopback, so the seed '{seed}' could not reach this node: "
                    + $"set {nameof(options.BindAddress)} to an address of this machine's network, or 0.0.0.0:{GossipAddress.DefaultPort} for all.");
            }
        }

        Require(options.SeedsFile is null || !string.IsNullOrWhiteSpace(options.SeedsFile), failures,
            $"{nameof(options.SeedsFile)} is empty: name a file with one address a line, or leave it out.");
        Require(options.SeedProviders.All(static provider => provider is not null), failures,
            $"{nameof(options.SeedProviders)} contains null: take it out.");
        foreach (var server in options.DnsServers)
        {
            Require(DnsSettings.TryParseServer(server, out _), failures,
                $"{nameof(options.DnsServers)} contains '{server}': give an IP address, and a port where it is not {DnsSettings.Port}, as in 10.0.0.2, 10.0.0.2:8600 or [2001:db8::2]:53.");
        }

        Require(options.Client || IsLoopback(bind) || options.EncryptionKeys.Count > 0 || options.AllowPlaintext, failures,
            $"{nameof(options.BindAddress)} '{options.BindAddress}' can be reached from other machines, and traffic would not be encrypted: "
            + $"give every node the same {nameof(options.EncryptionKeys)} (GossipKeys.Generate() makes one), bind to 127.0.0.1, "
            + $"or set {nameof(options.AllowPlaintext)} = true if only trusted machines reach this network.");
    }

    private static void CheckNetworks(GossipOptions options, List<string> failures)
    {
        foreach (var network in options.AllowedNetworks)
        {
            try
            {
                NetworkRange.Parse(network);
            }
            catch (GossipAddressException e)
            {
                failures.Add($"{nameof(options.AllowedNetworks)}: {e.Message}");
            }
        }
    }

    private static void CheckKeys(GossipOptions options, List<string> failures)
    {
        try
        {
            KeyRing.Parse(options.EncryptionKeys);
        }
        catch (GossipKeyException e)
        {
            failures.Add($"{nameof(options.EncryptionKeys)}: {e.Message}");
        }
    }

    private static GossipAddress? CheckAddress(string option, string? text, Func<string, GossipAddress> parse, List<string> failures)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return parse(text);
        }
        catch (GossipAddressException e)
        {
            failures.Add($"{option}: {e.Message}");
            return null;
        }
    }

    private static bool ListensOnLoopbackOnly(GossipOptions options)
    {
        try
        {
            return (options.Web?.Address is not { } web || !WebAddress.TryParse(web, out var address, out _) || address.Uri.IsLoopback)
                && IsLoopback(options.BindAddress is { } text ? GossipAddress.ParseBind(text) : null);
        }
        catch (GossipAddressException)
        {
            return true; // which is a failure of its own already
        }
    }

    /// <summary>Without an address a node binds loopback; a host name may stand for any address.</summary>
    private static bool IsLoopback(GossipAddress? bind) =>
        bind is null || bind.Host == "localhost" || (IPAddress.TryParse(bind.Host, out var ip) && IPAddress.IsLoopback(ip));

    private static void CheckContent(GossipOptions options, List<string> failures)
    {
        foreach (var tag in options.Tags)
        {
            Require(!string.IsNullOrEmpty(tag) && Encoding.UTF8.GetByteCount(tag) <= MaxTextBytes, failures,
                $"{nameof(options.Tags)} contains '{tag}': a tag has 1 to {MaxTextBytes} bytes.");
        }

        foreach (var (key, value) in options.Metadata)
        {
            Require(key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= MaxTextBytes && value is not null, failures,
                $"{nameof(options.Metadata)} contains the key '{key}': a key has 1 to {MaxTextBytes} bytes, and its value is not null.");
        }
    }

    private static void CheckPart(string option, Action check, List<string> failures)
    {
        try
        {
            check();
        }
        catch (ArgumentException e)
        {
            failures.Add($"{option}: {e.Message}");
        }
    }

    private static T Present<T>(T? options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }

    private static void Require(bool condition, List<string> failures, string failure)
    {
        if (!condition)
        {
            failures.Add(failure);
        }
    }
}
