namespace Gossip.Metadata;

/// <summary>
/// How much of one node's facts somebody has. Positions order by floor, then version; what a replica applies only moves it up.
/// </summary>
/// <param name="Version">All facts with stamps up to this one are there, but for those that newer ones replaced.</param>
/// <param name="Floor">
/// Deletions up to this stamp are taken into account, and their tombstones forgotten. Above <paramref name="Version"/> it
/// means that a snapshot has begun to arrive: what is there above the version is not confirmed yet.
/// </param>
internal readonly record struct FactsPosition(ulong Version, ulong Floor);

/// <summary>What <see cref="FactSet.WriteDelta"/> put into the buffer.</summary>
internal enum FactsWritten
{
    /// <summary>Nothing: there was no room even for an advert.</summary>
    Nothing,

    /// <summary>Only which version there is: the reader has all that this set has, or the next fact does not fit the buffer.</summary>
    Advert,

    /// <summary>The next facts, with more to come.</summary>
    Part,

    /// <summary>All facts that the reader lacked.</summary>
    Rest,
}

/// <summary>What became of a delta.</summary>
internal enum FactsOutcome
{
    /// <summary>It told nothing new.</summary>
    Ignored,

    /// <summary>The position moved up.</summary>
    Applied,

    /// <summary>
    /// Something is missing below it. Its newer facts were taken in, but the position stays: ask for a delta since
    /// <see cref="FactSet.Position"/>.
    /// </summary>
    Gap,

    /// <summary>
    /// It goes beyond <see cref="FactLimits"/>, and nothing changed. If that persists, begin again with an empty set.
    /// </summary>
    Refused,
}
