using Gossip.Transport;

namespace Gossip.Hosting;

/// <summary>Finds the problems of the web's options, and says of each what to change.</summary>
internal static class WebOptionsCheck
{
    private const string Web = nameof(GossipOptions.Web);
    private const string Address = $"{Web}.{nameof(WebOptions.Address)}";
    private const string Token = $"{Web}.{nameof(WebOptions.Token)}";
    private const string Example = "Write for example wss://node-1.example/gossip.";

    public static void Check(GossipOptions options, List<string> failures)
    {
        if (options.Web is not { } web)
        {
            failures.Add($"{Web} is null: leave it as it is, or set its members.");
            return;
        }

        Require(web.Token is null || WebTokens.IsValid(web.Token), failures,
            $"{Token} has a length or a character that no bearer token has: give {WebTokens.MinLength} to {WebTokens.MaxLength} letters, digits and -._~+/=, the same on every node.");
        if (options.WebOnly)
        {
            Require(!options.Client, failures, $"{nameof(options.WebOnly)} and {nameof(options.Client)} are both set: a client listens nowhere; leave {nameof(options.WebOnly)} out.");
            Require(web.Address is not null, failures, $"{nameof(options.WebOnly)} is set, and nothing says where others reach this node: set {Address} to the URL. {Example}");
            Require(options.BindAddress is null && options.AdvertiseAddress is null, failures,
                $"{nameof(options.WebOnly)} opens no socket, and {nameof(options.BindAddress)} or {nameof(options.AdvertiseAddress)} asks for one: leave out one or the other.");
        }

        if (web.Address is null)
        {
            return;
        }

        if (!WebAddress.TryParse(web.Address, out var address, out var problem) || !address.IsWebSocket)
        {
            failures.Add($"{Address}: '{web.Address}' is not valid: {problem ?? "only ws and wss are supported by this version"}. {Example}");
            return;
        }

        if (options.Client || address.Uri.IsLoopback || options.EncryptionKeys.Count > 0 || options.AllowPlaintext)
        {
            return;
        }

        Require(address.Uri.Scheme == "wss", failures,
            $"{Address} '{address}' can be reached from other machines, and traffic would not be encrypted: give every node the same {nameof(options.EncryptionKeys)} (GossipKeys.Generate() makes one), "
            + $"use wss with a {Token}, or set {nameof(options.AllowPlaintext)} = true if only trusted machines reach this network.");
        Require(web.Token is not null, failures,
            $"{Address} '{address}' can be reached from other machines, and nothing tells nodes from strangers: give every node the same {Token} or {nameof(options.EncryptionKeys)}.");
    }

    private static void Require(bool condition, List<string> failures, string failure)
    {
        if (!condition)
        {
            failures.Add(failure);
        }
    }
}
