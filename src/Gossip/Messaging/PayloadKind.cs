namespace Gossip;

/// <summary>How a payload is encoded. The numbers are the codec ids on the wire and never change meaning.</summary>
public enum PayloadKind
{
    /// <summary>Bytes as the sender gave them.</summary>
    Bytes = 1,

    /// <summary>UTF-8 text.</summary>
    Text = 2,

    /// <summary>JSON in UTF-8.</summary>
    Json = 3,
}
