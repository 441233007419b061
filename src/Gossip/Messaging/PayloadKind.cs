namespace Gossip;

/// <summary>How a payload is encoded. The numbers are the codec ids on the wire and never change meaning; those from <see cref="MessageTypeRegistry.FirstUserCodec"/> on have no names here, and are the application's codecs.</summary>
public enum PayloadKind
{
    /// <summary>Bytes as the sender gave them.</summary>
    Bytes = 1,

    /// <summary>UTF-8 text.</summary>
    Text = 2,

    /// <summary>JSON in UTF-8.</summary>
    Json = 3,

    /// <summary>MessagePack, see <see cref="MessagePackCodec"/>.</summary>
    MessagePack = 4,

    /// <summary>Protocol Buffers, with the package Orleans.Gossip.Protobuf.</summary>
    Protobuf = 5,
}
