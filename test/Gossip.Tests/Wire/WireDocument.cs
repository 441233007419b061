using System.Text.RegularExpressions;

namespace Gossip.Tests.Wire;

/// <summary>The parts of docs/wire.md that a machine can read.</summary>
internal static partial class WireDocument
{
    private static readonly string Text = RepositoryFile.Read("docs", "wire.md");

    /// <summary>The bytes of an annotated dump: on each line the hexadecimal digits up to the remark, which two spaces begin.</summary>
    public static byte[] Dump(string name)
    {
        var digits = Block("hex " + name).Split('\n').Select(line => Remark().Replace(line.TrimStart(), "").Replace(" ", "", StringComparison.Ordinal));
        return Convert.FromHexString(string.Concat(digits));
    }

    /// <summary>The messages of the schema: field numbers, and type and whether repeated.</summary>
    public static Dictionary<string, Dictionary<int, (string Type, bool Repeated)>> Schema()
    {
        Dictionary<string, Dictionary<int, (string, bool)>> messages = [];
        Dictionary<int, (string, bool)>? current = null;
        foreach (var line in Block("proto").Split('\n'))
        {
            if (MessageLine().Match(line) is { Success: true } message)
            {
                messages.Add(message.Groups["name"].Value, current = []);
            }
            else if (FieldLine().Match(line) is { Success: true } field)
            {
                current!.Add(int.Parse(field.Groups["number"].ValueSpan, null), (field.Groups["type"].Value, field.Groups["repeated"].Success));
            }
        }

        return messages;
    }

    private static string Block(string kind)
    {
        var start = Text.IndexOf($"```{kind}\n", StringComparison.Ordinal);
        var begin = Text.IndexOf('\n', start) + 1;
        return start < 0 ? throw new InvalidDataException($"docs/wire.md has no block '{kind}'.") : Text[begin..Text.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    [GeneratedRegex(" {2,}.*$")]
    private static partial Regex Remark();

    [GeneratedRegex(@"^message (?<name>\w+) \{")]
    private static partial Regex MessageLine();

    [GeneratedRegex(@"^ +(?<repeated>repeated )?(?<type>\w+) \w+ = (?<number>\d+);")]
    private static partial Regex FieldLine();
}
