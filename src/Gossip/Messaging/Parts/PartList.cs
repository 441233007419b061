namespace Gossip.Messaging;

/// <summary>What went ahead of a message, or a reply, that is larger than a frame: all of its payload but the end, in parts of one size. The default value is nothing.</summary>
/// <param name="Id">Under which the sender numbered them; unique in its life.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct PartList(ulong Id, int Count)
{
    public bool IsEmpty => Count == 0;
}
