using System.Text;

namespace Gossip.Messaging;

/// <summary>What is a topic and what is a pattern: levels between dots, and in a pattern wildcards as levels of their own.</summary>
internal static class TopicSyntax
{
    public const char Separator = '.';
    public const string AnyLevel = "*";
    public const string AllLevels = ">";

    private const char Star = '*';
    private const char Rest = '>';

    /// <exception cref="TopicException">It is no topic.</exception>
    public static void DemandTopic(string text) => Demand(text, isPattern: false);

    /// <exception cref="TopicException">It is no pattern.</exception>
    public static void DemandPattern(string text) => Demand(text, isPattern: true);

    /// <summary>Null, or what is wrong with a text, and after how many characters.</summary>
    public static string? Flaw(string text, bool isPattern, out int position)
    {
        position = text.Length;
        if (Encoding.UTF8.GetByteCount(text) > TopicLimits.MaxTopicBytes)
        {
            return $"more than {TopicLimits.MaxTopicBytes} bytes of UTF-8";
        }

        var start = 0;
        for (var levels = 1; ; levels++)
        {
            var end = text.IndexOf(Separator, start);
            var isLast = end < 0;
            end = isLast ? text.Length : end;
            position = start;
            if (levels > TopicLimits.MaxLevels)
            {
                return $"more than {TopicLimits.MaxLevels} levels";
            }

            if (LevelFlaw(text.AsSpan(start, end - start), isPattern, isLast, ref position) is { } flaw)
            {
                return flaw;
            }

            if (isLast)
            {
                return null;
            }

            start = end + 1;
        }
    }

    private static string? LevelFlaw(ReadOnlySpan<char> level, bool isPattern, bool isLast, ref int position)
    {
        if (level.IsEmpty)
        {
            return "an empty level";
        }

        if (level is [Star or Rest])
        {
            return !isPattern ? $"the wildcard {level[0]}, which only patterns have,"
                : level[0] == Rest && !isLast ? "levels behind >, which stands for all the rest,"
                : null;
        }

        var start = position;
        for (var i = 0; i < level.Length; i++)
        {
            position = start + i;
            switch (level[i])
            {
                case Star or Rest:
                    return $"{level[i]} within a level";
                case var c when char.IsWhiteSpace(c):
                    return "white space";
                case var c when char.IsControl(c):
                    return "a control character";
                case var c when char.IsHighSurrogate(c) && i + 1 < level.Length && char.IsLowSurrogate(level[i + 1]):
                    i++;
                    break;
                case var c when char.IsSurrogate(c):
                    return "half a surrogate pair";
                default:
                    break;
            }
        }

        return null;
    }

    private static void Demand(string text, bool isPattern)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Flaw(text, isPattern, out var position) is { } flaw)
        {
            throw new TopicException(text, position, flaw, isPattern);
        }
    }
}
