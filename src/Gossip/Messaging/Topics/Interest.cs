namespace Gossip.Messaging;

/// <summary>What others have to know of a subscription: the pattern, and the queue group when it is part of one.</summary>
internal readonly record struct Interest(string Pattern, string? Group);
