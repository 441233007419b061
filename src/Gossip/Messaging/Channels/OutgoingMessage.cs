namespace Gossip;

/// <summary>A message for <see cref="GossipChannels.Outbox"/>.</summary>
/// <param name="Target">Whom it is for.</param>
/// <param name="Type">The message type number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>.</param>
/// <param name="Payload">The content.</param>
/// <param name="Options">How it is sent. Default: reliable, within 5 seconds.</param>
public sealed record OutgoingMessage(Target Target, int Type, MessagePayload Payload, SendOptions? Options = null);

/// <summary>A message that did not reach all whom it was for.</summary>
/// <param name="Message">The message.</param>
/// <param name="Failed">At whom it failed, and why; empty when it could not be sent at all, or nobody was there.</param>
/// <param name="Error">Why it could not be sent at all; null when <paramref name="Failed"/> tells, or nobody was there.</param>
public sealed record UnsentMessage(OutgoingMessage Message, IReadOnlyList<TargetResult> Failed, Exception? Error);
