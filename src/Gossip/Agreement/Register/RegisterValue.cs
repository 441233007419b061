using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>The whole value that acceptors agree on. Immutable: a change makes a new one that shares what did not change.</summary>
internal sealed class RegisterValue
{
    public required Lineage Lineage { get; init; }

    /// <summary>The configuration that decides about this value.</summary>
    public required Configuration Configuration { get; init; }

    /// <summary>Set when the epoch is sealed: the configuration that decides from then on. Nothing changes any more in this epoch.</summary>
    public Configuration? Next { get; init; }

    public required Position Position { get; init; }

    public required Sessions Sessions { get; init; }

    public required IRegisterState State { get; init; }

    /// <summary>The whole value as bytes, made when somebody needs it, and then kept.</summary>
    public ReadOnlyMemory<byte> Encoded => field.IsEmpty ? field = ValueFormat.Encode(this) : field;

    /// <summary>The value that every founder starts from: nothing, until a majority of exactly these seats founds the register.</summary>
    public static RegisterValue Unfounded(Configuration founders, IRegisterState empty) => new()
    {
        Lineage = default,
        Configuration = founders,
        Position = Position.Origin(founders.Acceptors),
        Sessions = Sessions.None,
        State = empty,
    };

    /// <summary>The register and epoch of messages about this value. While it is founded, its founders name it.</summary>
    public RegisterId Id(Guid founders) => new(Configuration.Epoch == 0 ? founders : Lineage.Incarnation, Configuration.Epoch);

    /// <summary>The value after a batch; null when the batch was not made for this value.</summary>
    public RegisterValue? Apply(Batch batch)
    {
        var evaluation = new Evaluation(this);
        return evaluation.TryReplay(batch) ? evaluation.Value(batch) : null;
    }

    /// <summary>The value after several batches, each made for the one before; null when one was not.</summary>
    public RegisterValue? Apply(ImmutableArray<Batch> batches)
    {
        var value = this;
        foreach (var batch in batches)
        {
            value = value.Apply(batch);
            if (value is null)
            {
                return null;
            }
        }

        return value;
    }

    /// <summary>The first value of the next epoch. Only a value that is sealed, and known to be chosen, may be opened there.</summary>
    public RegisterValue Open()
    {
        var next = Next ?? throw new InvalidOperationException("Only a sealed value can be opened in the next epoch.");
        return new RegisterValue
        {
            Lineage = Lineage,
            Configuration = next,
            Position = Position.Opened(next),
            Sessions = Sessions,
            State = State,
        };
    }
}
