using System.Diagnostics.CodeAnalysis;
using Gossip.Messaging;

namespace Gossip;

/// <summary>
/// Which topics a subscription is for. Topics have levels with dots between them, such as <c>orders.eu.created</c>. In a pattern the level <c>*</c> stands for any one level, and <c>&gt;</c> at the end for one or more:
/// <c>orders.*.created</c>, <c>orders.&gt;</c>. Levels are case-sensitive; they have no white space and no control characters. A topic or pattern has 1 to <see cref="MaxLevels"/> levels and at most <see cref="MaxBytes"/> bytes of UTF-8.
/// </summary>
public sealed class TopicPattern
{
    /// <summary>The most bytes of UTF-8 of a topic or pattern: 256.</summary>
    public const int MaxBytes = TopicLimits.MaxTopicBytes;

    /// <summary>The most levels of a topic or pattern: 32.</summary>
    public const int MaxLevels = TopicLimits.MaxLevels;

    private readonly string _text;
    private readonly TopicTrie<TopicPattern> _trie = new();

    private TopicPattern(string text)
    {
        _text = text;
        _trie.Add(text, this);
    }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="TopicException">It is not one; the message says what is wrong, and at which position.</exception>
    public static TopicPattern Parse(string text)
    {
        TopicSyntax.DemandPattern(text);
        return new TopicPattern(text);
    }

    /// <summary>Reads a pattern, if it is one.</summary>
    /// <param name="text">The text; may be null.</param>
    /// <param name="pattern">The pattern, or null.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TopicPattern? pattern)
    {
        pattern = text is not null && TopicSyntax.Flaw(text, isPattern: true, out _) is null ? new TopicPattern(text) : null;
        return pattern is not null;
    }

    /// <summary>Whether a topic is one of those that the pattern stands for.</summary>
    /// <param name="topic">The topic.</param>
    /// <returns>Whether it is.</returns>
    /// <exception cref="TopicException">It is no topic.</exception>
    public bool Matches(string topic)
    {
        TopicSyntax.DemandTopic(topic);
        List<TopicPattern> found = [];
        _trie.Match(topic, found);
        return found.Count > 0;
    }

    /// <summary>The pattern as it was given.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;
}
