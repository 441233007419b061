using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Diagnostics;

/// <summary>What a node logs about the cluster. Messages name the node, so that logs of several nodes can be read together.</summary>
internal static partial class GossipLog
{
    [LoggerMessage(1, LogLevel.Information, "Gossip node {Node} listens at {Bound} and advertises {Advertised} in cluster '{Cluster}'.")]
    public static partial void Started(ILogger logger, NodeInstance node, string bound, string advertised, string cluster);

    [LoggerMessage(2, LogLevel.Information, "Member {Member} at {Address} is now {After} (was {Before}): {Reason}.")]
    public static partial void StateChanged(ILogger logger, NodeInstance member, string address, MemberState before, MemberState after, string? reason);

    [LoggerMessage(3, LogLevel.Warning, "Member {Member} at {Address} is now {After} (was {Before}): {Reason}.")]
    public static partial void StateWorsened(ILogger logger, NodeInstance member, string address, MemberState before, MemberState after, string? reason);

    [LoggerMessage(4, LogLevel.Information, "Joined the cluster through {Address}, node {By}.")]
    public static partial void Joined(ILogger logger, string address, NodeInstance? by);

    [LoggerMessage(5, LogLevel.Warning, "Could not join through {Address}: {Problem} It is tried again in {Delay}.")]
    public static partial void JoinFailed(ILogger logger, string address, string problem, TimeSpan delay);

    [LoggerMessage(6, LogLevel.Information, "No other node was found: this one founds a cluster. {Count} addresses go on being tried.")]
    public static partial void Alone(ILogger logger, int count);

    [LoggerMessage(7, LogLevel.Error, "Another process at {Address} uses this node's identity {Node}. Give each process its own NodeId, or leave it out to derive it from the address.")]
    public static partial void IdentityConflict(ILogger logger, NodeId node, string address);

    [LoggerMessage(8, LogLevel.Information, "The cluster remembers generation {Known:x} of this node, later than its own: the clock went back. The node goes on as {Node}.")]
    public static partial void GenerationRaised(ILogger logger, ulong known, NodeInstance node);

    [LoggerMessage(9, LogLevel.Warning, "The member table is full with {Count} members: {Member} at {Address} was turned away. Raise GossipOptions.MaxMembers on every node.")]
    public static partial void TableFull(ILogger logger, int count, NodeInstance member, string address);

    [LoggerMessage(10, LogLevel.Information, "The node left the cluster.")]
    public static partial void Left(ILogger logger);

    [LoggerMessage(11, LogLevel.Information, "The node stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(12, LogLevel.Warning, "The stop took longer than {Timeout}: what was not finished was given up.")]
    public static partial void StopTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(13, LogLevel.Critical, "The node stopped to work because of an internal error. Please report it.")]
    public static partial void PumpFailed(ILogger logger, Exception error);

    [LoggerMessage(14, LogLevel.Error, "GossipOptions.AcceptApplicationVersion threw for version '{Version}': the newcomer was turned away.")]
    public static partial void VersionCheckFailed(ILogger logger, string version, Exception error);

    [LoggerMessage(15, LogLevel.Warning, "A packet from {Address} was refused: it is not sealed, and this node has EncryptionKeys. Give the node there the same keys, or stop it.")]
    public static partial void UnsealedRefused(ILogger logger, string address);

    [LoggerMessage(16, LogLevel.Warning, "A packet from {Address} was refused: it is sealed under key {KeyId}, which this node does not have. If keys were changed while one of both was away, put the present key first in its EncryptionKeys and start it again; else compare EncryptionKeys on both sides.")]
    public static partial void UnknownKeyRefused(ILogger logger, string address, string keyId);

    [LoggerMessage(17, LogLevel.Warning, "A packet from {Address} was refused: its seal does not verify. Compare EncryptionKeys, ClusterName and ServiceId on both sides; if they are equal, somebody forges packets.")]
    public static partial void BadSealRefused(ILogger logger, string address);

    [LoggerMessage(18, LogLevel.Error, "The node at {Address} cannot accept connections: {Problem}. It goes on trying, and members that are connected stay so. Most often the process has too many open files: close some, or raise its limit (ulimit -n).")]
    public static partial void AcceptFailed(ILogger logger, string address, string problem);

    [LoggerMessage(19, LogLevel.Error, "A function of a node group failed for member {Member}. The group goes on; what the function should have done for this member is not done.")]
    public static partial void GroupFunctionFailed(ILogger logger, NodeInstance member, Exception error);

    [LoggerMessage(40, LogLevel.Warning, "The seed provider {Provider} failed: {Problem}. It is asked again; until then the {Count} seeds that it gave last go on being tried.")]
    public static partial void SeedProviderFailed(ILogger logger, string? provider, string problem, int count);

    [LoggerMessage(41, LogLevel.Information, "The seed provider {Provider} works again and gives {Count} seeds.")]
    public static partial void SeedProviderRecovered(ILogger logger, string? provider, int count);

    [LoggerMessage(42, LogLevel.Warning, "A seed of the seed provider {Provider} was left out: {Problem}")]
    public static partial void SeedRefused(ILogger logger, string? provider, string problem);

    [LoggerMessage(43, LogLevel.Warning, "The seed provider {Provider} gave {Count} seeds, of which the first {Max} are used: some of the nodes suffice.")]
    public static partial void TooManySeeds(ILogger logger, string? provider, int count, int max);

    [LoggerMessage(22, LogLevel.Warning, "The web server at {Address} refuses this node's bearer token. Give every node the same GossipOptions.Web.Token.")]
    public static partial void TokenRefused(ILogger logger, string address);

    [LoggerMessage(21, LogLevel.Error, "A hook failed on {Event}. It goes on with the next one.")]
    public static partial void HookFailed(ILogger logger, string @event, Exception exception);

    [LoggerMessage(40, LogLevel.Warning, "Member {Member} changed the keys of this node ({Action} {KeyId}): it has {Keys} now. Change EncryptionKeys in its configuration alike, or a restart brings the former ones back. If nobody of yours did this, a stranger has a key: see docs/security.md.")]
    public static partial void KeysChanged(ILogger logger, NodeInstance member, KeyAction action, string keyId, GossipKeys keys);

    [LoggerMessage(41, LogLevel.Warning, "Member {Member} asked this node to change its keys ({Action} {KeyId}), which was refused: {Reason}")]
    public static partial void KeyChangeRefused(ILogger logger, NodeInstance member, KeyAction action, string keyId, string reason);

    [LoggerMessage(42, LogLevel.Warning, "The node at {Address} cannot read what this node seals, under key {KeyId}. If keys were changed while it was away, put that key first in its EncryptionKeys and start it again; else compare EncryptionKeys, ClusterName and ServiceId on both sides.")]
    public static partial void NotUnderstood(ILogger logger, string address, string keyId);

    [LoggerMessage(44, LogLevel.Warning, "A node was not let in: {Node} at {Address}, because {Reason}.")]
    public static partial void NewcomerRefused(ILogger logger, NodeInstance node, string address, string? reason);

    [LoggerMessage(45, LogLevel.Information, "The node writes version {Version} of the protocol now, the highest that all members read; it reads {Versions} itself.")]
    public static partial void VersionChanged(ILogger logger, byte version, ProtocolVersions versions);

    [LoggerMessage(43, LogLevel.Warning, "What came from {Address} was dropped unread: it is in none of the AllowedNetworks. {Count} datagrams and connections were, so far. If a node of the cluster is there, add its network on every node.")]
    public static partial void NetworkRefused(ILogger logger, string address, long count);
}
