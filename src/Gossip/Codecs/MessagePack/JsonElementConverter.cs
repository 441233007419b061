using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Gossip.Codecs;

/// <summary>
/// JSON inside of objects: what JSON has is written as the same of MessagePack. Read is what any writer says: bytes become base64, moments text, as JSON has neither.
/// </summary>
internal sealed class JsonElementConverter : MessagePackConverter
{
    internal override Type Type => typeof(JsonElement);

    internal override bool TakesNil => true;

    internal override void WriteObject(ref MessagePackWriter writer, object value) => Write(ref writer, (JsonElement)value);

    internal override object ReadObject(ref MessagePackReader reader)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            Read(ref reader, writer);
        }

        return JsonElement.Parse(json.WrittenSpan);
    }

    private static void Write(ref MessagePackWriter writer, in JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.Enter();
                writer.WriteMapHeader(value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    writer.WriteString(property.Name);
                    Write(ref writer, property.Value);
                }

                writer.Leave();
                break;
            case JsonValueKind.Array:
                writer.Enter();
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var each in value.EnumerateArray())
                {
                    Write(ref writer, each);
                }

                writer.Leave();
                break;
            case JsonValueKind.String:
                writer.WriteString(value.GetString());
                break;
            case JsonValueKind.Number:
                WriteNumber(ref writer, value);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.ValueKind == JsonValueKind.True);
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, in JsonElement value)
    {
        if (value.TryGetInt64(out var number))
        {
            writer.WriteInteger(number);
        }
        else if (value.TryGetUInt64(out var large))
        {
            writer.WriteInteger(large);
        }
        else
        {
            writer.WriteDouble(value.GetDouble());
        }
    }

    private static void Read(ref MessagePackReader reader, Utf8JsonWriter json)
    {
        switch (reader.NextType)
        {
            case MessagePackType.Nil:
                _ = reader.TryReadNil();
                json.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                json.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackType.Integer:
                json.WriteRawValue(reader.ReadInteger<Int128>().ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case MessagePackType.Float:
                json.WriteNumberValue(reader.ReadDouble());
                break;
            case MessagePackType.String:
                json.WriteStringValue(reader.ReadString());
                break;
            case MessagePackType.Binary:
                json.WriteBase64StringValue(reader.ReadBinary());
                break;
            case MessagePackType.Extension:
                json.WriteStringValue(reader.ReadDateTime());
                break;
            case MessagePackType.Array:
                reader.Enter();
                json.WriteStartArray();
                for (var left = reader.ReadArrayHeader(); left > 0; left--)
                {
                    Read(ref reader, json);
                }

                json.WriteEndArray();
                reader.Leave();
                break;
            default:
                reader.Enter();
                json.WriteStartObject();
                for (var left = reader.ReadMapHeader(); left > 0; left--)
                {
                    json.WritePropertyName(reader.NextType == MessagePackType.Integer ? reader.ReadInteger<Int128>().ToString(CultureInfo.InvariantCulture) : reader.ReadString());
                    Read(ref reader, json);
                }

                json.WriteEndObject();
                reader.Leave();
                break;
        }
    }
}
