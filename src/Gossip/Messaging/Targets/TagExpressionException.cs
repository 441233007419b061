namespace Gossip;

/// <summary>A text that should be a tag expression is not one. The message quotes the text and says what was expected where.</summary>
public sealed class TagExpressionException : GossipException
{
    /// <summary>Creates an error without a message.</summary>
    public TagExpressionException()
    {
    }

    /// <summary>Creates an error.</summary>
    /// <param name="message">What is wrong with the expression.</param>
    public TagExpressionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error with its cause.</summary>
    /// <param name="message">What is wrong with the expression.</param>
    /// <param name="innerException">The cause.</param>
    public TagExpressionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal TagExpressionException(string expression, int position, string expected)
        : base($"Not a tag expression: '{expression}' has {expected} at position {position}. Write tags joined by & (both), | (either) and ! (not), as in: web & !canary | admin.") =>
        Position = position;

    /// <summary>Where the error is: the number of characters before it.</summary>
    public int Position { get; }
}
