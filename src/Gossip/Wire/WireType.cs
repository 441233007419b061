namespace Gossip.Wire;

/// <summary>How a field's value is laid out. The numbers are protobuf's, and so is the layout: a schema can describe it.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
