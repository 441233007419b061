namespace Gossip.Simulation.Registers;

/// <summary>What spares the exploration states, each for a reason that is given where it is done. Each can be left out, to see that it hides nothing.</summary>
[Flags]
internal enum Reductions
{
    None = 0,

    /// <summary>States that differ in the names of the acceptors only are one: an engine never asks for more than whether two names are the same.</summary>
    Symmetry = 1,

    /// <summary>Fields that are written before they are read again do not tell states apart.</summary>
    DeadFields = 2,

    /// <summary>Messages that can have no effect any more are taken away.</summary>
    DeadMessages = 4,

    /// <summary>A proposer takes the replies that lead to nothing yet together with the one that does.</summary>
    Blocks = 8,

    /// <summary>Whether a value is told by batches or as a whole does not tell states apart.</summary>
    Encodings = 16,

    /// <summary>Who voted for what is forgotten once it can be chosen no more, or is.</summary>
    Votes = 32,

    /// <summary>How high a promise is does not tell states apart when nobody can come with a ballot below it.</summary>
    Promises = 64,

    /// <summary>An acceptor that nobody looks at any more is like any other such acceptor.</summary>
    Retired = 128,

    /// <summary>A proposer may hear at any time that an epoch is over: more than can happen, and so no need to remember which old requests may still tell it.</summary>
    FreeNews = 256,

    /// <summary>What a proposer does comes first where nothing that others do can change it.</summary>
    Order = 512,

    All = Symmetry | DeadFields | DeadMessages | Blocks | Encodings | Votes | Promises | Retired | FreeNews | Order,
}
