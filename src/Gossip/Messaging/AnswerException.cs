namespace Gossip.Messaging;

/// <summary>Thrown by handlers of the engine's own messages: what the sender is told, where that is not that the handler failed.</summary>
internal sealed class AnswerException(Answer answer) : Exception(answer.Error)
{
    public Answer Answer { get; } = answer;
}
