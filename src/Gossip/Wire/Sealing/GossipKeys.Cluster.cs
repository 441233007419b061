using System.Globalization;
using Gossip.Wire;

namespace Gossip;

/// <content>Changes of keys on all members at once.</content>
public sealed partial class GossipKeys
{
    /// <summary>How many members are asked at once: each answers within a round trip, and more would only fill queues.</summary>
    private const int Concurrency = 64;

    /// <summary>Set by the node that the keys belong to.</summary>
    internal IKeyCluster? Cluster { get; set; }

    /// <summary>Asks all members which keys they have.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The keys of each member, by id and fingerprint. A member that does not answer within 5 seconds has an <see cref="MemberKeys.Error"/>.</returns>
    /// <exception cref="GossipKeyException">The node was started without keys.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task<KeyChangeResult> ListAsync(CancellationToken cancellationToken = default) =>
        new(await ListCoreAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// The first step of a rotation: adds a key on this node and on all members, so that all can read what is sealed under it; nobody seals under it yet. The key travels
    /// under the present one, so whoever has that learns it: after a leak, bring the new key to each node on another way (see docs/security.md).
    /// </summary>
    /// <param name="key">The key, see <see cref="GossipOptions.EncryptionKeys"/>. Add it there too, for restarts.</param>
    /// <param name="cancellationToken">Gives up waiting; members that were asked may add it all the same.</param>
    /// <returns>What became of it at each member. Calling again adds it where it is missing.</returns>
    /// <exception cref="GossipKeyException">The key is malformed, another key here has its id, there are 16 keys, or the node was started without keys.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public Task<KeyChangeResult> InstallAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var cluster = Joined();
        var added = RingKey.Parse(key);
        Change(ring => ring.With(added));
        return OrderAsync(cluster, new KeyOrder(KeyAction.Install, added.Fingerprint, added), cancellationToken);
    }

    /// <summary>The second step: all members, and this node, seal under a key from now on. It is refused while a member lacks the key, for that one would be cut off.</summary>
    /// <param name="keyOrId">The key or its id; this node must have it.</param>
    /// <param name="force">Goes on without the members that lack the key, do not answer, or take no orders. They are cut off until they are started again with the key.</param>
    /// <param name="cancellationToken">Gives up waiting; members that were asked may use it all the same.</param>
    /// <returns>What became of it at each member. Calling again makes those use it that did not answer.</returns>
    /// <exception cref="GossipKeyChangeException">Members lack the key, do not answer, or do not allow changes (<see cref="GossipOptions.AllowKeyChanges"/>); nothing was changed.</exception>
    /// <exception cref="GossipKeyException">This node has no such key, or was started without keys. Or the text is malformed.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task<KeyChangeResult> UseAsync(string keyOrId, bool force = false, CancellationToken cancellationToken = default)
    {
        var cluster = Joined();
        var key = Find(_ring, keyOrId) ?? throw new GossipKeyException("There is no such key on this node: install it first, with InstallAsync.");
        var fingerprint = GossipKeyInfo.FingerprintText(key.Fingerprint);
        if (!force)
        {
            var unready = (await ListCoreAsync(cancellationToken).ConfigureAwait(false))
                .Where(member => member.Error is not null || !member.AllowsChanges || !Has(member, fingerprint)).ToArray();
            RefuseFor(
                unready,
                $"Key {key} is not ready on all members, and was not put to use",
                member => !member.AllowsChanges ? "does not allow changes" : "lacks it",
                "Install it there (InstallAsync), wait for those that do not answer or stop them, or force it, which cuts them off.");
        }

        var result = await OrderAsync(cluster, new KeyOrder(KeyAction.Use, key.Fingerprint), cancellationToken).ConfigureAwait(false);
        Change(ring => ring.Find(key.Id) is { } present && present.Fingerprint == key.Fingerprint ? ring.WithPrimary(present) : ring);
        return WithSelf(result);
    }

    /// <summary>
    /// The last step: removes a key on all members and on this node, once nobody seals under it. Wait before until all that was sealed under it has arrived: some seconds, or the
    /// longest time-out of a request.
    /// </summary>
    /// <param name="keyOrId">The key or its id; a member has it, or this node.</param>
    /// <param name="force">Goes on without the members that do not answer. Those that seal under the key are cut off until they are started again with another one.</param>
    /// <param name="cancellationToken">Gives up waiting; members that were asked may remove it all the same.</param>
    /// <returns>What became of it at each member. Calling again removes it where it is left.</returns>
    /// <exception cref="GossipKeyChangeException">Members seal under the key, or do not answer; nothing was changed.</exception>
    /// <exception cref="GossipKeyException">This node seals under the key, nobody has it, or the node was started without keys. Or the text is malformed.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task<KeyChangeResult> RemoveAsync(string keyOrId, bool force = false, CancellationToken cancellationToken = default)
    {
        var cluster = Joined();
        var members = await ListCoreAsync(cancellationToken).ConfigureAwait(false);
        var key = Find(members, keyOrId) ?? throw new GossipKeyException("No member has such a key: compare ListAsync.");
        if (_ring.Primary is { } primary && GossipKeyInfo.FingerprintText(primary.Fingerprint) == key.Fingerprint)
        {
            throw new GossipKeyException($"The key {primary} seals what this node sends: use another one before you remove it (UseAsync).");
        }

        if (!force)
        {
            RefuseFor(
                [.. members.Where(member => member.Error is not null || member.Keys.Any(held => held.IsPrimary && held.Fingerprint == key.Fingerprint))],
                $"Key {key.Id} was not removed",
                static _ => "seals under it",
                "Make all use another key (UseAsync), wait for those that do not answer or stop them, or force it, which may cut them off.");
        }

        var fingerprint = UInt128.Parse(key.Fingerprint, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var result = await OrderAsync(cluster, new KeyOrder(KeyAction.Remove, fingerprint), cancellationToken).ConfigureAwait(false);
        Change(ring => Held(ring, fingerprint) is { } held && held != ring.Primary ? ring.Without(held) : ring);
        return WithSelf(result);
    }

    /// <summary>Does what another member asks, and says which keys there are then.</summary>
    internal byte[] Carry(in KeyOrder order, string? obstacle, bool allowsChanges, out string? refusal)
    {
        refusal = obstacle;
        if (order.Action != KeyAction.List && !allowsChanges)
        {
            refusal = "This node's keys are changed by its own process only (GossipOptions.AllowKeyChanges is false).";
        }
        else if (refusal is null)
        {
            try
            {
                var (action, fingerprint, key) = order;
                Change(ring => Changed(ring, action, fingerprint, key));
            }
            catch (GossipKeyException e)
            {
                refusal = e.Message;
            }
        }

        return KeyReport.Encode(_ring, allowsChanges, refusal);
    }

    private static KeyRing Changed(KeyRing ring, KeyAction action, UInt128 fingerprint, RingKey? key) => (action, Held(ring, fingerprint)) switch
    {
        (KeyAction.Install, _) => ring.With(key!),
        (KeyAction.Use, null) => throw new GossipKeyException("There is no such key: install it first."),
        (KeyAction.Use, { } held) => ring.WithPrimary(held),
        (KeyAction.Remove, { } held) when held == ring.Primary => throw new GossipKeyException($"The key {held} seals what this node sends: use another one before you remove it."),
        (KeyAction.Remove, { } held) => ring.Without(held),
        _ => ring,
    };

    private static RingKey? Held(KeyRing ring, UInt128 fingerprint) =>
        ring.Find(RingKey.IdOf(fingerprint)) is { } held && held.Fingerprint == fingerprint ? held : null;

    private static void RefuseFor(MemberKeys[] unready, string problem, Func<MemberKeys, string> why, string remedy)
    {
        if (unready.Length > 0)
        {
            var names = unready.Select(member => $"{member.Member} {(member.Error is null ? why(member) : "did not answer")}");
            throw new GossipKeyChangeException($"{problem}: {string.Join(", ", names)}. {remedy}", unready);
        }
    }

    private static bool Has(MemberKeys member, string fingerprint) => member.Keys.Any(key => key.Fingerprint == fingerprint);

    /// <summary>A key by what members tell of theirs, for one that is left on some of them.</summary>
    private static GossipKeyInfo? Find(IReadOnlyList<MemberKeys> members, string keyOrId)
    {
        ArgumentNullException.ThrowIfNull(keyOrId);
        var known = members.SelectMany(member => member.Keys);
        if (keyOrId.Length != IdLength)
        {
            var fingerprint = GossipKeyInfo.FingerprintText(RingKey.Parse(keyOrId).Fingerprint);
            return known.FirstOrDefault(key => key.Fingerprint == fingerprint);
        }

        var found = known.Where(key => string.Equals(key.Id, keyOrId, StringComparison.OrdinalIgnoreCase)).DistinctBy(key => key.Fingerprint, StringComparer.Ordinal).ToArray();
        return found.Length <= 1 ? found.FirstOrDefault() : throw new GossipKeyException($"Several keys have the id {keyOrId}: give the key itself.");
    }

    private IKeyCluster Joined()
    {
        DemandKeys();
        return Cluster ?? throw new GossipKeyException("These keys belong to no node.");
    }

    private MemberKeys Own(IKeyCluster cluster) => new(cluster.Self, KeyReport.Describe(_ring), null);

    private KeyChangeResult WithSelf(KeyChangeResult result) => new([Own(Joined()), .. result.Members.Skip(1)]);

    private async Task<MemberKeys[]> ListCoreAsync(CancellationToken cancellationToken) =>
        [.. (await OrderAsync(Joined(), new KeyOrder(KeyAction.List, default), cancellationToken).ConfigureAwait(false)).Members];

    private async Task<KeyChangeResult> OrderAsync(IKeyCluster cluster, KeyOrder order, CancellationToken cancellationToken)
    {
        var others = cluster.Others;
        var answers = new MemberKeys[others.Count];
        await Parallel.ForAsync(0, others.Count, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken }, async (index, token) =>
        {
            var member = others[index];
            var (report, error) = await cluster.AskAsync(member, order, token).ConfigureAwait(false);
            answers[index] = report is null
                ? new MemberKeys(member, [], error)
                : new MemberKeys(member, report.Keys, report.Refusal is null ? null : new GossipKeyException($"{member} refused: {report.Refusal}")) { AllowsChanges = report.AllowsChanges };
        }).ConfigureAwait(false);
        return new KeyChangeResult([Own(cluster), .. answers]);
    }
}
