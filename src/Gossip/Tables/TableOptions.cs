using System.Diagnostics.CodeAnalysis;

namespace Gossip;

/// <summary>How a node takes part in the cluster's table, see <see cref="ITableClient"/>.</summary>
public sealed class TableOptions
{
    internal const int DefaultOperationSeconds = 5;

    /// <summary>
    /// Where the node keeps its share of the table, so that it still has it after a restart: a directory that it creates, and that belongs to it alone. Default: null, in memory only. Then a node that restarts
    /// must be let in again by the others, and a table whose nodes all stop is gone.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>Whether the node may be one of the few that decide. False makes it an observer: it uses the table like any other, and neither founds nor keeps one. Default: true.</summary>
    public bool Votes { get; set; } = true;

    /// <summary>What fails together, such as a rack or an availability zone: those that decide are spread over zones. At most 256 bytes. Default: empty.</summary>
    public string Zone { get; set; } = "";

    /// <summary>
    /// Who makes the first table of a cluster. Default: <see cref="TableFounding.Seeds"/>; and a node that listens on loopback only and has no seeds founds alone, as
    /// <see cref="TableFounding.Single"/> does.
    /// </summary>
    public TableFounding Founding { get; set; }

    /// <summary>For <see cref="TableFounding.Expect"/>: how many nodes must have met to found. More than half of <see cref="ExpectOf"/>, equal on all nodes.</summary>
    public int Expect { get; set; }

    /// <summary>For <see cref="TableFounding.Expect"/>: how many nodes there will be at most when the cluster is founded, equal on all nodes.</summary>
    public int ExpectOf { get; set; }

    /// <summary>
    /// How long a call may take before it fails with <see cref="TableUnavailableException"/>. More than zero, at most 2 minutes, for results are remembered for twice as long. Default: 5 s, which is time for
    /// two changes of the deciding node one after the other, each with a host that vanished without a word; and short enough for a caller that has its own rules for trying again, as Orleans does.
    /// </summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(DefaultOperationSeconds);

    /// <summary>Whether the first commit of a new table lifts its version above those of tables that the cluster lost before. Equal on all nodes. Default: <see cref="TableVersionFloor.None"/>.</summary>
    public TableVersionFloor VersionFloor { get; set; }

    /// <summary>
    /// What founds on a node with these addresses. A node that nobody beyond its machine can reach, and that was told of nobody, has nobody to agree with.
    /// </summary>
    internal TableFounding FoundingOf(bool isLoopback, bool hasSeeds) =>
        !Votes ? TableFounding.Never
        : Founding == TableFounding.Seeds && isLoopback && !hasSeeds ? TableFounding.Single
        : Founding;
}

/// <summary>Who makes the first table of a cluster. Nobody does so while a node within reach tells of a table.</summary>
public enum TableFounding
{
    /// <summary>
    /// A majority of the nodes that <see cref="GossipOptions.Seeds"/> names, the same list on all nodes: IP addresses, each once. Names do not count, for what stands behind them may differ from node to node; use
    /// <see cref="Expect"/> with them.
    /// </summary>
    Seeds = 0,

    /// <summary>
    /// Nodes that found each other by whatever way: <see cref="TableOptions.Expect"/> of <see cref="TableOptions.ExpectOf"/>. For names that many nodes stand behind, as with a headless service. At most that many nodes may start before
    /// there is a table: of more, two halves could found one each.
    /// </summary>
    Expect = 1,

    /// <summary>
    /// This node alone. Only for one node of a cluster: two that do so have two tables, and can never be one cluster. Without a <see cref="TableOptions.DataDirectory"/> it does not know after a restart that it
    /// founded before: so it looks for its <see cref="GossipOptions.Seeds"/> first, joins the table that one of them knows, and founds when they were silent for five seconds. Otherwise it founds at once.
    /// </summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "It is the opposite of several, and no number.")]
    Single = 2,

    /// <summary>Not this node: it waits for a table that others made.</summary>
    Never = 3,
}

/// <summary>Where the versions of a new table begin.</summary>
public enum TableVersionFloor
{
    /// <summary>The first commit makes version 1.</summary>
    None = 0,

    /// <summary>
    /// The first commit of a new table makes at least the version <c>2 × seconds since 2025-01-01T00:00Z</c> by the clock of the node that makes it; from then on, versions rise by one. So versions go on rising
    /// where all nodes of a cluster without data directories stop and start again, as grain directories that outlive the cluster need it. It holds as long as a table saw no more than two commits per second of its life
    /// (a cluster of Orleans makes a few for each silo that starts or stops), and the clocks do not go back by more than the rest of that. The last floor, 1 879 048 191, is reached on 2054-10-10, and leaves 2^28 commits.
    /// </summary>
    Clock = 1,
}
