using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Agreement.Running;

public sealed class AgreementPumpTests
{
    private static readonly TimeSpan Call = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The timer fires when whoever runs the pump has looked at the time already, and does not look at it again.</summary>
    [Fact]
    public async Task A_timer_that_fires_while_the_pump_runs_is_not_lost()
    {
        var clock = new HastyClock();
        var outbox = new AgreementOutbox();
        var ended = new TaskCompletionSource<ClientResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pump = new AgreementPump(
            Engine(outbox),
            outbox,
            said =>
            {
                if (said.Results is [var result, ..])
                {
                    ended.TrySetResult(result);
                }
            },
            error => ended.TrySetException(error),
            clock);
        pump.Start();
        pump.Post((engine, now) =>
        {
            engine.Change(now, 1, new byte[1], now + Call.Ticks);
            clock.FiresAtOnce = true;
        });
        Assert.Equal(ClientStatus.NotSent, (await ended.Task.InTime()).Status);
        await pump.DisposeAsync();
    }

    [Fact]
    public async Task After_an_error_nobody_waits_even_if_to_say_so_fails_too()
    {
        var errors = 0;
        var outbox = new AgreementOutbox();
        var pump = new AgreementPump(Engine(outbox), outbox, _ => throw new InvalidOperationException("broken"), _ => Interlocked.Increment(ref errors), TimeProvider.System);
        pump.Start();
        await pump.Ended.InTime();
        Assert.Equal(2, errors);
        Assert.False(pump.TryPost(static (_, _) => { }, 1));
        await pump.DisposeAsync().AsTask().WaitAsync(Token);
    }

    [Fact]
    public async Task Only_so_much_waits()
    {
        var outbox = new AgreementOutbox();
        var pump = new AgreementPump(Engine(outbox), outbox, _ => { }, _ => { }, TimeProvider.System); // not started: nothing is run
        const int Large = 16 * 1024 * 1024;
        var taken = Enumerable.Range(0, 8).Count(_ => pump.TryPost(static (_, _) => { }, Large));
        Assert.Equal(3, taken); // with what they cost beyond their bytes
        var small = 0;
        while (pump.TryPost(static (_, _) => { }, 1))
        {
            small++;
        }

        Assert.InRange(small, 1, Large / 256);
        await pump.DisposeAsync();
    }

    private static AgreementEngine Engine(AgreementOutbox outbox)
    {
        var acceptor = AgreementCluster.Id(1);
        return new AgreementEngine(
            new AgreementSetup
            {
                Self = AgreementCluster.Life(1),
                Acceptor = acceptor,
                Address = Gossip.Transport.NodeEndpoint.From(System.Net.IPAddress.Loopback, 1),
                Cluster = "pump",
                Format = TableFormat.Instance,
                Founding = FoundingPlan.Never,
                OffersSeat = false,
                RandomSeed = 1,
                SeatTiming = new SeatTiming { Period = TimeSpan.FromHours(1) },
            },
            new Acceptor(acceptor),
            outbox);
    }

    /// <summary>Once told so, its timers fire while they are set, and the time goes to when they are due.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _now;

        public bool FiresAtOnce { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, () => callback(state));

        private sealed class Timer(HastyClock clock, Action run) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (clock.FiresAtOnce && dueTime > TimeSpan.Zero)
                {
                    Interlocked.Add(ref clock._now, dueTime.Ticks);
                    run();
                }

                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
