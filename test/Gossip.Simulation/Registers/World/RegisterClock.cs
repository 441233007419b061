using Gossip.Node;

namespace Gossip.Simulation.Registers;

/// <summary>
/// The clocks of one node. The steady one begins anew with each life, as a process counts from its start, so the times of two nodes cannot be compared. The wall clock is wrong, and may be set while the node runs.
/// </summary>
internal sealed class RegisterClock(RegisterWorld world, int node)
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly SeededRandom _random = new(SeededRandom.Mix(world.Setup.Seed) + (ulong)node); // of its own: what a clock shows changes nothing else that is drawn
    private long _born;
    private bool _isSet;

    /// <summary>Time as the engine of this life counts it.</summary>
    public long Now => world.Now - _born;

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Skew { get; private set; }

    public DateTimeOffset Wall => Epoch + TimeSpan.FromTicks(world.Now) + Skew;

    /// <summary>When a time of this life is, in the world.</summary>
    public long ToWorld(long steady) => steady + _born;

    /// <summary>Another life begins.</summary>
    public void Begin() => _born = world.Now;

    /// <summary>Somebody sets the clock.</summary>
    public void Set()
    {
        var most = world.Setup.Skew;
        Skew = TimeSpan.FromTicks(_random.NextTicks(2 * most.Ticks)) - most;
        if (most > TimeSpan.Zero)
        {
            world.Counts.Count(_isSet ? Happening.ClockJump : Happening.ClockSkew);
        }

        _isSet = true;
    }
}
