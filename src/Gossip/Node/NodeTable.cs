using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>The table of a running node: opens its store, and puts agreement and client together.</summary>
internal sealed class NodeTable : IAsyncDisposable
{
    private NodeTable(AgreementHost agreement, ITableClient client) => (Agreement, Client) = (agreement, client);

    public AgreementHost Agreement { get; }

    public ITableClient Client { get; }

    /// <summary>Opens the table's part of a node. Nothing is sent before the agreement is started.</summary>
    /// <param name="options">The node's options, with a table.</param>
    /// <param name="identity">Who it is.</param>
    /// <param name="isDeveloper">It was started without a word, see <see cref="GossipOptions.Seeds"/>.</param>
    /// <param name="pump">The pump of its gossip.</param>
    /// <param name="views">Its views.</param>
    /// <param name="transport">The network.</param>
    /// <param name="random">Draws names.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="stopped">Cancelled when the node stops.</param>
    public static NodeTable Open(
        GossipOptions options,
        NodeIdentity identity,
        bool isDeveloper,
        Pump pump,
        ViewFeed views,
        ITransport transport,
        SeededRandom random,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopped)
    {
        var table = options.Table!;
        var self = identity.Instance;
        var newStore = NewStore(random);
        var founding = options.Client ? FoundingPlan.Never : Plan(options, table, identity.Endpoint, isDeveloper); // whatever is wrong with it is found before a directory is locked
        IAcceptorStore store = table.DataDirectory is { } directory && !options.Client
            ? DirectoryStore.Open(directory, self.Id, newStore, new ValueFormat(TableFormat.Instance))
            : new MemoryStore(newStore);
        var setup = new AgreementSetup
        {
            Self = self,
            Acceptor = new AcceptorId(self.Id, store.Id),
            Address = identity.Endpoint,
            Cluster = options.ClusterName + "\0" + options.ServiceId,
            Format = TableFormat.Instance,
            Founding = founding,
            IsDurable = store.IsDurable,
            OffersSeat = table.Votes && !options.Client,
            Zone = table.Zone,
            Boots = store is DirectoryStore durable ? durable.Boots : 0,
            RandomSeed = random.NextUInt64(),
        };
        var facts = new SystemFacts(pump, views, isHeard: !options.Client);
        var links = new AgreementLinks(transport, pump.Links, identity, self, views, TableFormat.Instance);
        var agreement = new AgreementHost(setup, Acceptor.Restore(setup.Acceptor, store.Recovered), store, links, facts, views, time, logger);
        return new NodeTable(agreement, new TableClient(agreement, facts, table, time, stopped));
    }

    public ValueTask DisposeAsync() => Agreement.DisposeAsync();

    private static FoundingPlan Plan(GossipOptions options, TableOptions table, in NodeEndpoint own, bool isDeveloper) =>
        table.FoundingOf(own.IsLoopback, options.Seeds.Count > 0 || options.HasSeedProviders) switch
        {
            TableFounding.Single => new FoundingPlan(isDeveloper && table.Founding != TableFounding.Single ? FoundingKind.Developer : FoundingKind.Alone, [])
            {
                Seeds = [.. options.Seeds.Select(seed => EndpointOf(GossipAddress.Parse(seed)) is { } endpoint ? endpoint.ToString() : seed)],
            },
            TableFounding.Expect => new FoundingPlan(FoundingKind.Expected, [], table.Expect, table.ExpectOf),
            TableFounding.Seeds => new FoundingPlan(
                FoundingKind.Listed, [.. options.Seeds.Select(seed => EndpointOf(GossipAddress.Parse(seed))!.Value)]),
            _ => FoundingPlan.Never,
        };

    /// <summary>What an address stands for by itself; null where a name has to be looked up.</summary>
    private static NodeEndpoint? EndpointOf(GossipAddress address) =>
        address.Web is { } web ? NodeEndpoint.From(web) : address.Ip is { } ip ? NodeEndpoint.From(ip, (ushort)address.Port) : null;

    private static Guid NewStore(SeededRandom random)
    {
        Span<byte> bytes = stackalloc byte[AgreementFields.GuidSize];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, random.NextUInt64());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], random.NextUInt64());
        return new Guid(bytes, bigEndian: true);
    }
}
