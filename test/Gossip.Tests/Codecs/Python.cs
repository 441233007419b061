using System.ComponentModel;
using System.Diagnostics;

namespace Gossip.Tests.Codecs;

/// <summary>Runs Python with its msgpack library, where there is one.</summary>
internal static class Python
{
    private static readonly Lazy<Task<string?>> Found = new(FindAsync);

    /// <summary>Runs a script, and gives what it prints. Without such a Python the test is skipped.</summary>
    public static async Task<string[]> RunAsync(string script, string input, CancellationToken cancellationToken)
    {
        var python = await Found.Value;
        Skipping.Unless(python is not null, "there is no python3 with the module msgpack (Debian: python3-msgpack)");
        var (code, output, error) = await StartAsync(python, script, input, cancellationToken);
        return code == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : throw new InvalidOperationException(error);
    }

    private static async Task<string?> FindAsync()
    {
        foreach (var candidate in (string[])["/usr/bin/python3", "python3", "python"])
        {
            try
            {
                if ((await StartAsync(candidate, "import msgpack", "", CancellationToken.None)).Code == 0)
                {
                    return candidate;
                }
            }
            catch (Win32Exception)
            {
                // There is no such program.
            }
        }

        return null;
    }

    private static async Task<(int Code, string Output, string Error)> StartAsync(string python, string script, string input, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(python, ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
