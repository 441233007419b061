using System.Collections.Concurrent;
using Gossip.Node;

namespace Gossip.Agreement;

/// <summary>
/// The one owner of a node's agreement engine: whoever queues something while nobody runs it has it run, so that a message is handled on the thread that read it. It has
/// a pump of its own because no value, however large, may hold up a probe.
/// </summary>
internal sealed class AgreementPump : IThreadPoolWorkItem, IAsyncDisposable
{
    /// <summary>How many items are handled before what they caused is carried out.</summary>
    private const int BatchSize = 64;

    /// <summary>How many batches one thread handles: what a node says to itself should not have to wait for another one.</summary>
    private const int MaxBatches = 8;

    /// <summary>How many bytes of messages may wait; more are lost, as by a network. Some twenty of the largest values.</summary>
    private const long MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>What a message costs beyond its bytes: many small ones take more than a few large ones.</summary>
    private const int ItemOverhead = 512;

    private readonly ConcurrentQueue<Item> _queue = new();
    private readonly AgreementEngine _engine;
    private readonly AgreementOutbox _outbox;
    private readonly Action<AgreementOutbox> _carryOut;
    private readonly Action<Exception> _failed;
    private readonly PumpClock _clock;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waitingBytes;
    private long _armedFor = long.MaxValue;
    private int _taken = 1; // before the start and after the end by nobody, for ever
    private bool _started;
    private volatile bool _stopping;

    /// <param name="engine">The engine.</param>
    /// <param name="outbox">What it wants done.</param>
    /// <param name="carryOut">Does it. Called by the pump; must not block.</param>
    /// <param name="failed">Told when the pump ended by an error.</param>
    /// <param name="time">The clock.</param>
    public AgreementPump(AgreementEngine engine, AgreementOutbox outbox, Action<AgreementOutbox> carryOut, Action<Exception> failed, TimeProvider time)
    {
        (_engine, _outbox, _carryOut, _failed) = (engine, outbox, carryOut, failed);
        _clock = new PumpClock(time);
        _timer = time.CreateTimer(static pump => ((AgreementPump)pump!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => _clock.Ticks;

    /// <summary>Ends when nothing is run any more.</summary>
    public Task Ended => _ended.Task;

    public void Start()
    {
        _started = true;
        _queue.Enqueue(new Item(static (engine, now) => engine.Start(now), 0));
        Volatile.Write(ref _taken, 0);
        Wake(here: false);
    }

    /// <summary>Has something done on the pump, perhaps on this thread before the call returns.</summary>
    public void Post(Action<AgreementEngine, long> action, bool here = false)
    {
        if (_stopping)
        {
            return; // nobody would run it
        }

        _queue.Enqueue(new Item(action, 0));
        Wake(here);
    }

    /// <summary>As <see cref="Post"/>, for what came from the network. False when too much waits, or nothing is run any more.</summary>
    public bool TryPost(Action<AgreementEngine, long> action, int bytes)
    {
        bytes += ItemOverhead;
        if (_stopping)
        {
            return false;
        }

        if (Interlocked.Add(ref _waitingBytes, bytes) > MaxWaitingBytes)
        {
            Interlocked.Add(ref _waitingBytes, -bytes);
            return false;
        }

        _queue.Enqueue(new Item(action, bytes));
        Wake(here: true);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        Wake(here: false);
        if (_started)
        {
            await _ended.Task.ConfigureAwait(false);
        }

        _ended.TrySetResult(); // also for one that was never started

        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private void OnTimer()
    {
        // An item, not only a wake-up: whoever runs the pump at this moment may have looked at the time already, and looks at the queue once more.
        Volatile.Write(ref _armedFor, long.MaxValue);
        _queue.Enqueue(new Item(static (_, _) => { }, 0));
        Wake(here: true);
    }

    private void Wake(bool here)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            return;
        }

        if (here)
        {
            Run();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Run()
    {
        try
        {
            for (var i = 0; i < MaxBatches && !_stopping && (i == 0 || !_queue.IsEmpty); i++)
            {
                HandleBatch();
            }
        }
        catch (Exception e)
        {
            // Nothing that arrives may get here; if it does, the node must not vote on as if it were well.
            _stopping = true;
            _outbox.Clear();
            _failed(e);
        }

        if (_stopping)
        {
            End();
            return;
        }

        Interlocked.Exchange(ref _taken, 0);
        if (_stopping || !_queue.IsEmpty)
        {
            Wake(here: false);
        }
    }

    /// <summary>Whoever waits is told, even if the engine fails at that, too.</summary>
    private void End()
    {
        try
        {
            _engine.Stop(Now);
            _carryOut(_outbox);
        }
        catch (Exception e)
        {
            _failed(e);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void HandleBatch()
    {
        for (var i = 0; i < BatchSize && _queue.TryDequeue(out var item); i++)
        {
            Interlocked.Add(ref _waitingBytes, -item.Bytes);
            item.Action(_engine, Now);
        }

        if (_engine.NextDeadline <= Now)
        {
            _engine.OnTick(Now);
        }

        _carryOut(_outbox);
        _outbox.Clear();
        Arm(_engine.NextDeadline);
    }

    private void Arm(long deadline)
    {
        // A timer that is due earlier than needed costs one empty batch; to set it for each message would cost more.
        if (deadline < Volatile.Read(ref _armedFor))
        {
            Volatile.Write(ref _armedFor, deadline);
            var wait = TimeSpan.FromTicks(Math.Max(deadline - Now, 0));
            _timer.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private readonly record struct Item(Action<AgreementEngine, long> Action, int Bytes);
}
