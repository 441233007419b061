using System.Diagnostics;

namespace Gossip.Containers.Tests.Engine;

/// <summary>Runs a program to its end.</summary>
internal static class CommandLine
{
    /// <summary>Runs a program that must succeed, for what it prints.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message says what it printed.</exception>
    public static async Task<string> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null,
        Func<Stream, CancellationToken, Task>? write = null)
    {
        var (exitCode, output, error) = await TryRunAsync(program, arguments, cancellationToken, environment, write);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed with {exitCode}: {error} {output}");
    }

    public static async Task<(int ExitCode, string Output, string Error)> TryRunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null,
        Func<Stream, CancellationToken, Task>? write = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            if (write is not null)
            {
                await write(process.StandardInput.BaseStream, cancellationToken);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
