using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Gossip.Agreement;
using Gossip.Node;

namespace Gossip.Simulation.Registers;

/// <summary>
/// Names the state of a part by 128 bits of SHA-256 over its fields, in the eyes of somebody who calls the acceptors by other names. Of n parts some two
/// differ and have the same key with a probability below n²/2¹²⁹.
/// </summary>
internal sealed class StateKey(Reductions reductions, ImmutableArray<AcceptorId> acceptors)
{
    private const int WordBytes = 8;
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>
    /// Fields of a proposer by the phases in which they are read before they are written again. Whatever is not named here counts always.
    /// <c>_promises</c> and <c>_votes</c> begin anew with their phase; <c>_proposed</c> and <c>_nextBallot</c> are set when a round begins; a proposer that
    /// is idle, or that opens an epoch, takes a new ballot before it sends anything in it; and its value is what the promises say once it has them, so that before it only matters to what
    /// acceptors need not tell, which is left out where their histories are.
    /// </summary>
    private static readonly Dictionary<string, string[]> LivePhases = new()
    {
        ["_promises"] = ["Preparing"],
        ["_votes"] = ["Preparing", "Accepting", "Installing"],
        ["_proposed"] = ["Accepting"],
        ["_nextBallot"] = ["Accepting"],
        ["_ballot"] = ["Preparing", "Leading", "Accepting"],
        ["_value"] = ["Leading", "Accepting", "Installing"],
    };

    /// <summary>
    /// Fields of a proposer that no message and no answer of an explored world depends on: tags are only compared, and the explorer knows with which one a request went;
    /// who leads matters to clients that do not insist; a session is forgotten, and a pause matters, after times that do not pass here.
    /// </summary>
    private static readonly HashSet<string> DeadInProposers = ["_tag", "_lastTag", "_stageTag", "_now", "_leader", "_rival", "_leaderHeardAt", "_notBefore", "_backoff", "_sessions"];

    private static readonly HashSet<string> Clocks = ["_resendAt", "_stageDeadline"];

    public required bool HasTimeouts { get; init; }

    /// <summary>Whether there is a reconfiguration.</summary>
    public required bool HasEpochs { get; init; }

    /// <summary>Whether to look away from what acceptors promised.</summary>
    public bool IgnoresPromises { get; init; }

    public UInt128 Of(int[] renaming, params ReadOnlySpan<object?> items)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var item in items)
        {
            Write(bytes, item, renaming);
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(bytes.WrittenSpan));
    }

    public static FieldInfo[] FieldsOf(Type type) => Fields.GetOrAdd(type, static of =>
    {
        var fields = new List<FieldInfo>();
        for (var level = of; level is not null && level != typeof(object); level = level.BaseType)
        {
            fields.AddRange(level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
        }

        return [.. fields];
    });

    public static FieldInfo FieldOf(Type type, string name) => Array.Find(FieldsOf(type), field => field.Name == name) ?? throw new MissingFieldException(type.Name, name);

    private static void Word(ArrayBufferWriter<byte> to, ulong word)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(WordBytes), word);
        to.Advance(WordBytes);
    }

    private static void Bytes(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        Word(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private bool Counts(FieldInfo field, object owner)
    {
        if (owner is Acceptor)
        {
            // What is staged is never read by an acceptor; the history only chooses between encodings of the same value.
            return !(field.Name == "<Staged>k__BackingField" && reductions.HasFlag(Reductions.DeadFields))
                && !(field.Name == "_history" && reductions.HasFlag(Reductions.Encodings))
                && !(field.Name == "<PromisedBallot>k__BackingField" && IgnoresPromises);
        }

        if (owner is not Proposer proposer)
        {
            return true;
        }

        if (field.FieldType == typeof(Attendance))
        {
            return false; // who leaves a request unanswered decides about seats, and the proposer itself never asks
        }

        if (reductions.HasFlag(Reductions.Encodings) && field.Name is ("_held" or "_history"))
        {
            return false;
        }

        if (field.Name is "_tag" or "_lastTag" or "_stageTag" or "_now")
        {
            return false; // messages are marked by whether they belong to the phase of their proposer, which is all that tags tell
        }

        // What was chosen last brings in those who were not told of an epoch, or begins a reconfiguration; the second proposer begins none in the first epoch, where everybody was told.
        return !reductions.HasFlag(Reductions.DeadFields)
            || (field.Name == "_value" && !reductions.HasFlag(Reductions.Encodings))
            || (!(field.Name == "_chosen" && proposer.Register.Epoch == 1 && !(HasEpochs && ProposerFields.Self(proposer).Id.LowBits == 1))
                && !DeadInProposers.Contains(field.Name)
                && (HasTimeouts || !Clocks.Contains(field.Name))
                && (!LivePhases.TryGetValue(field.Name, out var phases) || phases.Contains(ProposerFields.Phase(proposer))));
    }

    private void Write(ArrayBufferWriter<byte> to, object? item, int[] renaming)
    {
        switch (item)
        {
            case null:
                Word(to, 0);
                return;
            case string text:
                Bytes(to, Encoding.UTF8.GetBytes(text));
                return;
            case SeededRandom or ProposerTiming or Type or Delegate or Plant or ProposerOutbox:
                return; // the same everywhere, or empty
            case AcceptorId acceptor:
                var index = acceptors.IndexOf(acceptor);
                Word(to, index < 0 ? acceptor.Node.LowBits : (ulong)renaming[index]);
                return;
            case RegisterValue value:
                Write(to, value.Position, renaming);
                Write(to, value.Configuration, renaming);
                Write(to, value.Next, renaming);
                Bytes(to, value.State.Save().Span);
                return;
            case Configuration configuration: // renamings keep who has a seat in which epoch
                Word(to, (ulong)configuration.Epoch);
                Word(to, (ulong)configuration.Acceptors.Length);
                return;
            case ImmutableArray<AcceptorId> seats: // of the next epoch, so the same
                Word(to, (ulong)seats.Length);
                return;
            case Batch batch:
                Bytes(to, batch.Encoded.Span);
                return;
            case ReadOnlyMemory<byte> bytes:
                Bytes(to, bytes.Span);
                return;
            case UInt128 wide:
                Word(to, (ulong)(wide >> 64));
                Word(to, (ulong)wide);
                return;
            case Guid guid:
                to.Write(guid.ToByteArray());
                return;
            case IEnumerable items:
                WriteAll(to, items, renaming);
                return;
        }

        var type = item.GetType();
        if (type.IsPrimitive || type.IsEnum)
        {
            Word(to, item is ulong number ? number : unchecked((ulong)Convert.ToInt64(item, System.Globalization.CultureInfo.InvariantCulture)));
            return;
        }

        if (!type.IsValueType)
        {
            Bytes(to, Encoding.UTF8.GetBytes(type.Name));
        }

        foreach (var field in FieldsOf(type))
        {
            if (Counts(field, item))
            {
                Write(to, field.GetValue(item), renaming);
            }
        }
    }

    private void WriteAll(ArrayBufferWriter<byte> to, IEnumerable items, int[] renaming)
    {
        // Promises are looked up by acceptor, but also the first of them is taken: so their order counts.
        var isOrdered = items is Dictionary<AcceptorId, (Ballot, RegisterValue)> || !(items is IDictionary || (items.GetType().IsGenericType && items.GetType().GetGenericTypeDefinition() == typeof(HashSet<>)));
        var parts = new List<byte[]>();
        foreach (var element in items)
        {
            var part = new ArrayBufferWriter<byte>();
            Write(part, element, renaming);
            parts.Add(part.WrittenSpan.ToArray());
        }

        if (!isOrdered)
        {
            parts.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        }

        Word(to, (ulong)parts.Count);
        foreach (var part in parts)
        {
            Bytes(to, part);
        }
    }
}
