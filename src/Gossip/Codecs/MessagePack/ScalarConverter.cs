namespace Gossip.Codecs;

internal delegate void ScalarWriter<in T>(ref MessagePackWriter writer, T value);

internal delegate T ScalarReader<out T>(ref MessagePackReader reader);

/// <summary>The converter of a type that is one value of the format.</summary>
internal sealed class ScalarConverter<T>(ScalarWriter<T> write, ScalarReader<T> read) : MessagePackConverter<T>
{
    public override void Write(ref MessagePackWriter writer, T value) => write(ref writer, value);

    public override T Read(ref MessagePackReader reader) => read(ref reader);
}
