using System.Text;

namespace Chat;

/// <summary>What one person sees, line by line: shown with the person's name, kept, and to be waited for.</summary>
internal sealed class Transcript(string person) : TextWriter
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value)
    {
        Console.WriteLine($"[{person}] {value}");
        lock (_gate)
        {
            _lines.Add(value ?? "");
            _news.SetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>How many lines have a text in them.</summary>
    public int Count(string text)
    {
        lock (_gate)
        {
            return _lines.Count(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>Waits until a text is in so many lines.</summary>
    public async Task WhenAsync(string text, int times = 1)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                news = _news.Task;
            }

            // Asked after the task was taken, so that no line is missed.
            if (Count(text) >= times)
            {
                return;
            }

            await news;
        }
    }
}
