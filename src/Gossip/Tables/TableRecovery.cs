using System.Collections.Immutable;
using System.Globalization;
using Gossip.Agreement;
using Gossip.Node;

namespace Gossip;

/// <summary>
/// For operators: goes on with the table when a majority of those who decide about it cannot be reached and will not come back. Where their loss is proven the cluster does so by itself, see docs/agreement.md. May be called from any thread.
/// </summary>
public sealed class TableRecovery
{
    private readonly AgreementHost _host;

    internal TableRecovery(AgreementHost host) => _host = host;

    /// <summary>Asks all members within reach what they hold of the table. Changes nothing: it is the dry run of <see cref="RecoverAsync"/>.</summary>
    /// <param name="cancellationToken">Gives up waiting. The answer takes a few seconds when members do not answer.</param>
    /// <returns>What each member holds, the latest first: that is what would be gone on with.</returns>
    /// <exception cref="TableRecoveryException">This node knows no table, or is asked by two at once.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task<ImmutableArray<TableStoreReport>> SurveyAsync(CancellationToken cancellationToken = default) =>
        [.. (await _host.SurveyAsync(recovers: false, cancellationToken).ConfigureAwait(false)).Told.Select(Report)];

    /// <summary>
    /// Founds a successor of the table on this node, with the latest that any member within reach holds. The version jumps by 2^20, so whoever wrote to the old one loses. <b>The nodes that cannot be reached must be stopped
    /// before:</b> if they are a majority and go on, the table has two histories from then on, which never merge.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting; the successor may be founded all the same.</param>
    /// <returns>The tables, old and new.</returns>
    /// <exception cref="TableRecoveryException">A majority is here, so there is nothing to recover; or this node does not vote, or knows no table.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public async Task<TableSuccession> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var next = _host.NextSuccessionAsync(cancellationToken);
        _ = await _host.SurveyAsync(recovers: true, cancellationToken).ConfigureAwait(false);
        return await next.ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until the table that this node uses is succeeded by another one after losses: then changes that were answered shortly before may be gone. Whoever must not go on after that, stops its host.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The tables, old and new.</returns>
    /// <exception cref="GossipStateException">The node does not run any more.</exception>
    public Task<TableSuccession> NextSuccessionAsync(CancellationToken cancellationToken = default) => _host.NextSuccessionAsync(cancellationToken);

    private static TableStoreReport Report(Testimony told) => new(
        told.From.Node,
        told.Register.Epoch,
        told.Position.Revision,
        told.Accepted.IsNone ? "" : told.Accepted.ToString(),
        told.Position.Digest.ToString("x32", CultureInfo.InvariantCulture),
        (int)Math.Min(told.Height, int.MaxValue),
        told.Age);
}

/// <summary>What one member holds of the table.</summary>
/// <param name="Node">The member.</param>
/// <param name="Epoch">Counts the groups of nodes that decided; 0 when the member holds nothing.</param>
/// <param name="Revision">Counts all that was decided: the higher, the later.</param>
/// <param name="Ballot">The attempt in which the member took it; empty when it only read it.</param>
/// <param name="Digest">32 hexadecimal digits, the same for those who hold the same.</param>
/// <param name="Version">The highest version of the table that the member saw.</param>
/// <param name="Age">How long ago the member came to hold it, at least: a restart counts, too.</param>
public sealed record TableStoreReport(NodeId Node, long Epoch, long Revision, string Ballot, string Digest, int Version, TimeSpan Age);

/// <summary>One table took the place of another after losses.</summary>
/// <param name="Table">Names the one that is lost.</param>
/// <param name="Successor">Names the one that goes on.</param>
/// <param name="Ordinal">How many there were before it.</param>
public sealed record TableSuccession(Guid Table, Guid Successor, int Ordinal);

/// <summary>The table was not recovered, and nothing was changed; the message says why.</summary>
public sealed class TableRecoveryException : GossipException
{
    internal TableRecoveryException(string reason)
        : base($"The table is not recovered: {reason}.")
    {
    }
}

/// <summary>
/// The table that this node belongs to has no majority, and members within reach belong to another successor of it that has one. The two never merge, and to try again does not help: this node must be stopped, its data directory
/// removed, and started again.
/// </summary>
public sealed class TableSupersededException : GossipException
{
    internal TableSupersededException(string message)
        : base($"{message} Stop this node, remove its data directory, and start it again.")
    {
    }
}
