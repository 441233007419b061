namespace Samples;

/// <summary>What a sample shows, step by step. It counts as shown only if each step came true.</summary>
internal sealed class Checklist
{
    private const int Success = 0;
    private const int Failure = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);
    private readonly List<string> _missing = [];

    /// <summary>Writes what a step shows, and notes whether it came true.</summary>
    public void Check(string step, bool cameTrue, string shown)
    {
        Console.WriteLine($"{(cameTrue ? "✓" : "✗")} {step,-14} {shown}");
        if (!cameTrue)
        {
            _missing.Add(step);
        }
    }

    /// <summary>Waits for what others need a moment for.</summary>
    /// <returns>Whether it came true in time.</returns>
    public static async Task<bool> WhenAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(PollPeriod);
        }

        return true;
    }

    /// <summary>Says whether every step came true.</summary>
    /// <returns>The exit code.</returns>
    public int Conclude()
    {
        Console.WriteLine(_missing.Count == 0 ? "Every step came true." : $"Not so: {string.Join(", ", _missing)}");
        return _missing.Count == 0 ? Success : Failure;
    }
}
