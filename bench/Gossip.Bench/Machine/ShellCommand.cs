using System.ComponentModel;
using System.Diagnostics;

namespace Gossip.Bench.Machine;

/// <summary>Runs a program of the system to its end.</summary>
internal static class ShellCommand
{
    /// <summary>What the program wrote, and whether it could be started and said that it succeeded.</summary>
    public static async Task<(bool Succeeded, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode == 0, output + await errors);
        }
        catch (Win32Exception e)
        {
            return (false, e.Message);
        }
    }
}
