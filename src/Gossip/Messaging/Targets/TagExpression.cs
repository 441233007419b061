using System.Diagnostics.CodeAnalysis;
using Gossip.Messaging;

namespace Gossip;

/// <summary>
/// A condition on the tags of a member, such as <c>web &amp; !canary | admin</c>. <c>!</c> binds strongest, then <c>&amp;</c>, then <c>|</c>; parentheses group. A tag is any run of
/// characters but white space and <c>! &amp; | ( ) "</c>; between quotation marks it may have those too, with <c>\"</c> and <c>\\</c> for a quotation mark and a backslash. Tags are case-sensitive. Immutable.
/// </summary>
public sealed class TagExpression
{
    /// <summary>The most characters that an expression has.</summary>
    public const int MaxLength = 4096;

    /// <summary>How deep parentheses and negations may be nested.</summary>
    public const int MaxDepth = 64;

    private readonly string _text;
    private readonly Func<ClusterMember, bool> _condition;

    private TagExpression(string text, Func<ClusterMember, bool> condition) => (_text, _condition) = (text, condition);

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The expression, 1 to <see cref="MaxLength"/> characters.</param>
    /// <returns>The expression.</returns>
    /// <exception cref="TagExpressionException">It is not one; the message says what was expected, and at which position.</exception>
    public static TagExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TagExpression(text, TagExpressionParser.Parse(text));
    }

    /// <summary>Reads an expression, if it is one.</summary>
    /// <param name="text">The text; may be null.</param>
    /// <param name="expression">The expression, or null.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TagExpression? expression)
    {
        try
        {
            expression = text is null ? null : Parse(text);
        }
        catch (TagExpressionException)
        {
            expression = null;
        }

        return expression is not null;
    }

    /// <summary>Whether the tags of a member fulfil the condition.</summary>
    /// <param name="member">The member.</param>
    /// <returns>Whether they do.</returns>
    public bool Matches(ClusterMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return _condition(member);
    }

    /// <summary>The expression as it was given.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;
}
