using System.Collections.Immutable;
using System.Text;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>The smallest register that shows what happened to it: each change adds its own text.</summary>
internal sealed class Notes(ImmutableArray<string> texts) : IRegisterState, IRegisterFormat
{
    private const char Separator = ',';

    public static Notes None { get; } = new([]);

    public ImmutableArray<string> Texts { get; } = texts;

    public IRegisterState Empty => None;

    public IRegisterState Apply(ReadOnlySpan<byte> change, out ReadOnlyMemory<byte> result)
    {
        result = change.ToArray();
        return new Notes(Texts.Add(Encoding.ASCII.GetString(change)));
    }

    public long Height => Texts.Length;

    public ReadOnlyMemory<byte> Succeed(long above) => Encoding.ASCII.GetBytes(string.Join('+', Texts));

    public ReadOnlyMemory<byte> Save() => Encoding.ASCII.GetBytes(string.Join(Separator, Texts));

    public bool TryRead(ReadOnlySpan<byte> bytes, out IRegisterState state)
    {
        state = bytes.IsEmpty ? None : new Notes([.. Encoding.ASCII.GetString(bytes).Split(Separator)]);
        return true;
    }
}
