namespace Gossip.Codecs;

/// <summary>Enumerations are numbers; one without a name is kept, as a later version may have named it.</summary>
internal sealed class EnumConverter(Type type) : MessagePackConverter
{
    private readonly MessagePackConverter _number = Scalars.Find(Enum.GetUnderlyingType(type))!;

    internal override Type Type => type;

    internal override void WriteObject(ref MessagePackWriter writer, object value) =>
        _number.WriteObject(ref writer, Convert.ChangeType(value, _number.Type, System.Globalization.CultureInfo.InvariantCulture));

    internal override object ReadObject(ref MessagePackReader reader) => Enum.ToObject(type, _number.ReadObject(ref reader));
}
