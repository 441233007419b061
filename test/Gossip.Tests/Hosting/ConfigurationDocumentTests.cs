using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Gossip.Tests.Wire;
using Xunit;

namespace Gossip.Tests.Hosting;

/// <summary>Holds docs/configuration.md against the options: each is there, with its default, and there is no other.</summary>
public sealed partial class ConfigurationDocumentTests
{
    private static readonly string Text = RepositoryFile.Read("docs", "configuration.md");

    public static TheoryData<Type> Parts => [typeof(GossipOptions), typeof(MessagingOptions), typeof(StreamingOptions), typeof(TableOptions), typeof(WebOptions)];

    [Fact]
    public void Every_part_of_the_options_has_a_table()
    {
        var parts = typeof(GossipOptions).GetProperties().Select(property => property.PropertyType).Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal));
        Assert.Equal(parts.Append(typeof(GossipOptions)).Select(type => type.Name).Order(), Parts.Select(row => row.Data.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void Every_option_is_in_the_table_with_its_default(Type part)
    {
        var options = Activator.CreateInstance(part)!;
        var rows = Rows(part.Name);
        Assert.Equal(part.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Order(), rows.Keys.Order());
        foreach (var property in part.GetProperties())
        {
            var (written, range, there) = rows[property.Name];
            Assert.True(IsDefault(property.GetValue(options), written), $"{part.Name}.{property.Name} is {property.GetValue(options)}, and not '{written}'.");
            Assert.True(range.Length > 0 || property.PropertyType == typeof(bool) || property.PropertyType == typeof(MessagingOptions) || property.PropertyType == typeof(StreamingOptions) || property.PropertyType == typeof(WebOptions), $"{property.Name} has no range.");
            Assert.True(there.Length > 0 || property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal), $"{property.Name} says nothing of the other systems.");
        }
    }

    private static bool IsDefault(object? value, string written) => value switch
    {
        null => written == "none",
        bool flag => written == (flag ? "true" : "false"),
        string { Length: 0 } => written == "empty",
        string text => written == text,
        Enum name => written == name.ToString(),
        int number when written.StartsWith("twice the processors", StringComparison.Ordinal) => number == Math.Max(8, 2 * Environment.ProcessorCount),
        int or long => Number(written) == Convert.ToDouble(value, CultureInfo.InvariantCulture),
        TimeSpan time => Number(written) == time.TotalSeconds,
        IEnumerable none => written == "none" && !none.GetEnumerator().MoveNext(),
        MessageTypeRegistry => written == "none",
        _ => written == "set",
    };

    private static double Number(string written)
    {
        var match = Quantity().Match(written);
        Assert.True(match.Success, $"'{written}' is no number.");
        return double.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * (match.Groups["unit"].Value switch
        {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => 1,
        });
    }

    private static Dictionary<string, (string Default, string Range, string There)> Rows(string part)
    {
        var start = Text.IndexOf($"## {part}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"There is no section {part}.");
        var end = Text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return Row().Matches(Text[start..(end < 0 ? Text.Length : end)])
            .ToDictionary(row => row.Groups["name"].Value, row => (row.Groups["default"].Value.Trim(), row.Groups["range"].Value.Trim(), row.Groups["there"].Value.Trim()));
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \|(?<default>[^|]*)\|(?<range>[^|]*)\|(?<there>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?<number>\d+)( (?<unit>s|KiB|MiB))?$")]
    private static partial Regex Quantity();
}
