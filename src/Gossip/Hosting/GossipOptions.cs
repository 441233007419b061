using System.Diagnostics;
using System.Text.Json.Serialization;
using Gossip.Discovery;

namespace Gossip;

/// <summary>
/// How a node takes part. The defaults are a developer's: parameterless, a node listens on loopback only; the first process on
/// the machine takes port 11511 and founds a cluster, and later ones take the next free port and join it.
/// </summary>
public class GossipOptions
{
    /// <summary>The configuration section that hosts bind: <c>Gossip</c>.</summary>
    public const string SectionName = "Gossip";

    internal const int DefaultMaxDatagramSize = 1400;
    internal const int DefaultMaxMembers = 16 * 1024;
    internal const int DefaultMaxMetadataBytes = 64 * 1024;
    internal const int DefaultStopSeconds = 10;

    /// <summary>Which cluster the node belongs to; nodes of other clusters are never listened to. 1 to 128 characters. Default: <c>default</c>.</summary>
    public string ClusterName { get; set; } = "default";

    /// <summary>Separates services that share a cluster name. At most 128 characters. Default: empty.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>
    /// The node's stable identity: 32 hexadecimal digits or a UUID. Default: derived from <see cref="ClusterName"/> and the advertised
    /// address, so that a restart at the same address is the same node.
    /// </summary>
    public string? NodeId { get; set; }

    /// <summary>
    /// Where to listen, UDP and TCP on one port: <c>ip:port</c>, <c>[ipv6]:port</c>, <c>host:port</c> or <c>host</c> (port 11511). Port 0 takes
    /// any free port; <c>0.0.0.0</c> and <c>[::]</c> are all addresses of the machine. Default: loopback, at port 11511 or the next free one.
    /// </summary>
    public string? BindAddress { get; set; }

    /// <summary>
    /// The address that other nodes dial, where it differs from what is bound, as in containers and behind NAT. Port 0 stands for
    /// the bound port. Default: the bound address or, when all are bound, the machine's first address that is not loopback.
    /// </summary>
    public string? AdvertiseAddress { get; set; }

    /// <summary>
    /// Whether the node is a client: it talks to the cluster and is no member of it. It listens nowhere and needs no address at which others reach it;
    /// it dials members over TCP, learns of the others from one of them, and turns to another when that one is lost. It sends messages and requests,
    /// and reads and changes the table, where it has no vote. No member lists or probes it, so its own tags and metadata are told to nobody.
    /// <see cref="BindAddress"/> and <see cref="AdvertiseAddress"/> mean nothing to it, and its identity is drawn at each start unless
    /// <see cref="NodeId"/> gives one. Default: false.
    /// </summary>
    public bool Client { get; set; }

    /// <summary>
    /// Addresses of nodes to join through, in any format of <see cref="GossipAddress"/>; some of them suffice, and the node's own address may be among them. They are tried at
    /// start, and for ever while the node knows nobody at them. Default: none, which founds a cluster (but see the parameterless start).
    /// </summary>
    public IList<string> Seeds { get; } = [];

    /// <summary>A file with more seeds, one address a line, that may change while the node runs; see <see cref="SeedProvider.FromFile"/>. Default: none.</summary>
    public string? SeedsFile { get; set; }

    /// <summary>What says at run time where more seeds are; see <see cref="SeedProvider"/> for those that are ready-made. Default: none; in a host, its configuration.</summary>
    [JsonIgnore] // options end up in dumps, and this is code
    public IList<ISeedProvider> SeedProviders { get; } = [];

    /// <summary>
    /// The DNS servers that are asked for the names of seeds, in order: <c>ip</c>, <c>ip:port</c> or <c>[ipv6]:port</c> (port 53). Where there are any, the machine's own names, as in its hosts file, do not count for
    /// seeds. Default: none, which means the system's.
    /// </summary>
    public IList<string> DnsServers { get; } = [];

    /// <summary>
    /// Whether the start fails when no seed's host name can be resolved: most often a misspelling. Turn it off where names appear
    /// only later, as with a headless service that has no ready pod yet. Default: true.
    /// </summary>
    public bool SeedsMustResolve { get; set; } = true;

    /// <summary>The tags that the node carries from the start; they can change at run time. 1 to 256 bytes each. Default: none.</summary>
    public IList<string> Tags { get; } = [];

    /// <summary>Metadata that the node has from the start, as text; it can change at run time, then with other types too. Default: none.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The version of the application, shown to others and offered to their <see cref="AcceptApplicationVersion"/>. At most 256 bytes. Default: empty.</summary>
    public string ApplicationVersion { get; set; } = "";

    /// <summary>
    /// Says whether a node with that application version is one to be in a cluster with: asked on both sides of a join. It must be quick, and
    /// not wait for anything; an exception counts as a no. Default: null, which accepts all.
    /// </summary>
    public Predicate<string>? AcceptApplicationVersion { get; set; }

    /// <summary>The wire versions that the node reads and writes: tests play upgrades with it.</summary>
    internal ProtocolVersions Versions { get; set; } = ProtocolVersions.Supported;

    /// <summary>The periods and time-outs. All nodes of a cluster should use one profile. Default: <see cref="GossipProfile.Lan"/>.</summary>
    public GossipProfile Profile { get; set; } = GossipProfile.Lan;

    /// <summary>Opens no UDP socket: all traffic uses TCP, for networks that block UDP. Nodes with and without it work together. Default: false.</summary>
    public bool TcpOnly { get; set; }

    /// <summary>
    /// Opens no socket to listen at: other nodes reach this one at <see cref="WebOptions.Address"/> only, for machines whose UDP and TCP ports are blocked. The
    /// node is a full member, and works together with nodes of any kind. <see cref="BindAddress"/> and <see cref="AdvertiseAddress"/> must not be set. Default: false.
    /// </summary>
    public bool WebOnly { get; set; }

    /// <summary>How the node is reached, and reaches others, by WebSocket.</summary>
    public WebOptions Web { get; set; } = new();

    /// <summary>
    /// Reaches nodes in a way of its own, such as an overlay network; it is asked at each dial, before the library's own ways. Datagrams take no part in it: set
    /// <see cref="TcpOnly"/> or <see cref="WebOnly"/> on nodes that are reached by it alone. Default: null.
    /// </summary>
    [JsonIgnore]
    public IGossipDialer? Dialer { get; set; }

    /// <summary>
    /// The keys that seal all traffic, equal on all nodes: 1 to 16, each 16, 24 or 32 random bytes in base64 or as hexadecimal digits, see
    /// <see cref="GossipKeys.Generate()"/>. A key is for AES-256-GCM, or, after <c>chacha20-poly1305:</c>, for that (<see cref="GossipCipher"/>); a ring may have both, as while the cipher is changed. The first one
    /// seals, all open. <see cref="GossipNode.Keys"/> changes them while the cluster runs. Keep them where secrets are kept. Default: none, and traffic is plaintext.
    /// </summary>
    [JsonIgnore] // options end up in dumps
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public IList<string> EncryptionKeys { get; } = [];

    /// <summary>
    /// Whether other members may change this node's keys (<see cref="GossipKeys.InstallAsync"/> and what follows it there). Whoever can ask has a key, and so can read and write everything already; what a change adds is
    /// that it outlasts the key that it was made with. Turn it off where keys are brought to each node on another way. Default: true.
    /// </summary>
    public bool AllowKeyChanges { get; set; } = true;

    /// <summary>
    /// Allows to listen beyond loopback without <see cref="EncryptionKeys"/>: for networks that only trusted machines can reach. It changes nothing
    /// where there are keys. Default: false.
    /// </summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>
    /// From where datagrams and connections are taken, in CIDR notation: <c>10.0.0.0/8</c>, <c>fd00::/8</c>, or one address. What comes from elsewhere is dropped before a byte of it is read, loopback included unless it is
    /// listed. It does not restrict whom this node dials. An address is easily forged in datagrams: it is no substitute for <see cref="EncryptionKeys"/>. Default: none, and all are taken.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>The largest datagram in bytes; what is larger uses TCP. 576 to 65 507. Default: 1400, which passes Ethernet with room for tunnels.</summary>
    public int MaxDatagramSize { get; set; } = DefaultMaxDatagramSize;

    /// <summary>How many members, living and dead, are remembered; newcomers beyond it are turned away. 2 to 65 536. Default: 16 384.</summary>
    public int MaxMembers { get; set; } = DefaultMaxMembers;

    /// <summary>How many bytes a node's tags and metadata may take together, equal on all nodes. 1024 to 1 048 576. Default: 65 536.</summary>
    public int MaxMetadataBytes { get; set; } = DefaultMaxMetadataBytes;

    /// <summary>How long a stop may take: handlers and reliable sends finish, and the node says goodbye, by then. More than zero, at most an hour. Default: 10 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(DefaultStopSeconds);

    /// <summary>How the node takes part in the cluster's table (see <see cref="ITableClient"/>). Default: null, and the node has none.</summary>
    public TableOptions? Table { get; set; }

    /// <summary>How messages are handled: concurrency and queues.</summary>
    public MessagingOptions Messaging { get; set; } = new();

    /// <summary>How many streams there may be, and how much is kept for each.</summary>
    public StreamingOptions Streaming { get; set; } = new();

    /// <summary>Whether somebody said where seeds come from at run time. The configuration of a host is read in any case, so it says nothing.</summary>
    internal bool HasSeedProviders => SeedsFile is not null || SeedProviders.Any(static provider => provider is not ConfigurationSeeds { IsHosts: true });

    /// <summary>The message types: each .NET type that is sent or handled is registered under the same number on every node.</summary>
    public MessageTypeRegistry MessageTypes { get; } = new();
}
