using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>A register in one process: decided at once, and real in what it decides, as it runs the same change functions on the same bytes.</summary>
internal sealed class MemoryRegister : IRegister, IDisposable
{
    private static readonly ImmutableArray<AcceptorId> Seats = [new AcceptorId(TestNodes.Id('a'), Guid.Empty)];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _line = new(1, 1);
    private RegisterValue _value = RegisterValue.Unfounded(Configuration.Of(1, Seats), TableState.Empty);
    private ulong _sequence;

    public RegisterValue? Known => _value;

    public int Changes { get; private set; }

    public int Reads { get; private set; }

    /// <summary>Runs before a change is decided; may change the table itself, throw or wait.</summary>
    public Func<TableChange, Task> BeforeChange { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a read; may throw or wait.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public TableState Table => (TableState)_value.State;

    /// <summary>What changes are answered with, in the place of the truth.</summary>
    public byte[]? Answer { get; set; }

    public void Dispose() => _line.Dispose();

    public async ValueTask<ReadOnlyMemory<byte>> ChangeAsync(ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Assert.True(timeout > TimeSpan.Zero);
        Changes++;
        if (TableFormat.TryReadChange(body.Span, out var change))
        {
            await BeforeChange(change);
        }

        return Answer ?? Decide(body);
    }

    public async ValueTask<RegisterValue> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Assert.True(timeout > TimeSpan.Zero);
        Reads++;
        await BeforeRead();
        lock (_gate)
        {
            return _value;
        }
    }

    public async ValueTask<IAsyncDisposable> TakeTurnAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var hasTurn = await _line.WaitAsync(timeout, cancellationToken);
        return new Turn(hasTurn ? _line : null);
    }

    /// <summary>What another client of the same register does.</summary>
    public TableResult Decide(TableChange change)
    {
        Assert.True(TableFormat.TryReadResult(Decide(TableFormat.Encode(change)).Span, out var result));
        return result;
    }

    private ReadOnlyMemory<byte> Decide(ReadOnlyMemory<byte> body)
    {
        lock (_gate)
        {
            var state = _value.State.Apply(body.Span, out var result);
            if (!ReferenceEquals(state, _value.State))
            {
                var change = new Change(new ChangeId(TestNodes.Instance('a'), ++_sequence), _sequence, body);
                _value = new RegisterValue
                {
                    Lineage = _value.Lineage,
                    Configuration = _value.Configuration,
                    Position = _value.Position.After(new Batch { Changes = [change] }),
                    Sessions = _value.Sessions,
                    State = state,
                };
            }

            return result;
        }
    }

    private sealed class Turn(SemaphoreSlim? line) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            line?.Release();
            return ValueTask.CompletedTask;
        }
    }
}
