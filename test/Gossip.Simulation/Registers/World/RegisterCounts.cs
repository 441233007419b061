namespace Gossip.Simulation.Registers;

/// <summary>What happened in a world, to prove that it was worth to run.</summary>
internal enum Happening
{
    Lost,
    Duplicated,
    Delayed,
    Cut,
    OneWayCut,
    Partition,
    Pause,
    Kill,
    KilledProposer,
    Restart,
    StoreLost,
    RecordsLost,
    SlowDisk,
    HungDisk,
    RollingRestart,
    RestartOfAll,
    Commit,
    LostRace,
    Retry,
    Unreachable,
    Unknown,
    Read,
    ReadByRound,
    ProposerChange,
    EpochChange,
    Replacement,
    StageFailure,
    NewcomerKilled,
    RivalFounding,
    NeedsBase,
    TurnedBack,
    ClockSkew,
    ClockJump,
    ClockWentBack,
    StartOfAll,
    StopOfAll,
    RestartOfSeeds,
    SeedMissing,
    OneListDiffered,
    TwoLists,
    ListsDiffered,
    FoundedUnheard,
    DirectoryRemoved,
    SplitVote,
    LeaderInMinority,
    LeaderInMajority,
    ThreeToTwo,
    KilledAtWrite,
    KilledAtFlush,
    NewcomerNamed,
    NewcomerStaged,
    NewcomerSealed,
    NewcomerInstalled,
}

internal sealed class RegisterCounts
{
    public static IReadOnlyList<Happening> All { get; } = Enum.GetValues<Happening>();

    private readonly long[] _counts = new long[All.Count];

    public long this[Happening what] => _counts[(int)what];

    public void Count(Happening what) => _counts[(int)what]++;

    public void Add(RegisterCounts other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    public override string ToString() => string.Join(", ", All.Select(what => $"{what} {this[what]}"));
}
