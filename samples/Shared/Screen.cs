using Spectre.Console;

namespace Samples;

/// <summary>What the program looks like. It only ever appends, so that it reads as well in a file as on a terminal.</summary>
internal sealed class Screen
{
    /// <summary>A redirected output has no width of its own.</summary>
    private const int RedirectedWidth = 110;

    private readonly IAnsiConsole _console;

    public Screen()
    {
        // Colours are for terminals: in a file they would be noise.
        var redirected = Console.IsOutputRedirected;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (redirected)
        {
            _console.Profile.Width = RedirectedWidth;
        }
    }

    public void Heading(string text) => _console.Write(new Rule($"[bold deepskyblue1]{Markup.Escape(text)}[/]").LeftJustified());

    public void Say(string text) => _console.MarkupLineInterpolated($"{text}");

    public void Hint(string text) => _console.MarkupLineInterpolated($"[grey]{text}[/]");

    public void Success(string text) => _console.MarkupLineInterpolated($"[green]✓[/] {text}");

    public void Failure(string text) => _console.MarkupLineInterpolated($"[red]✗ {text}[/]");

    public void Gap() => _console.WriteLine();

    public void Table(string[] headers, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn($"[grey]{Markup.Escape(header)}[/]").NoWrap());
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Markup(Markup.Escape(cell)))]);
        }

        _console.Write(table);
    }

    /// <summary>What a node says, in its own words.</summary>
    public void Reasons(string title, string text) =>
        _console.Write(new Panel(Markup.Escape(text)).Header(Markup.Escape(title)).BorderColor(Color.Grey));

    /// <summary>One line with all steps.</summary>
    public void Summary(IEnumerable<(string Name, bool? Succeeded)> steps) => _console.MarkupLine(string.Join("   ", steps.Select(step => step.Succeeded switch
    {
        true => $"[green]✓[/] {step.Name}",
        false => $"[red]✗ {step.Name}[/]",
        null => $"[grey]– {step.Name}[/]",
    })));

    public static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0} ms";
}
