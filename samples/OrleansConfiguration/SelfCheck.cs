using System.Diagnostics;
using System.Reflection;

namespace OrleansConfiguration;

/// <summary>Starts a silo and a client as anybody would, on free ports, and checks that the client's grain ran in the silo's process.</summary>
internal static class SelfCheck
{
    private const int Success = 0;
    private const int Failure = 1;

    /// <summary>A silo listens for silos, for clients, and for gossip.</summary>
    private const int PortsOfSilo = 3;

    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string siloArgument, string clientArgument)
    {
        var clock = Stopwatch.StartNew();
        var ports = FreePorts.Find(PortsOfSilo);
        var seed = $"--Orleans:Clustering:Seeds:0=127.0.0.1:{ports[2]}";
        using var silo = Start(
            siloArgument, $"--Orleans:Endpoints:SiloPort={ports[0]}", $"--Orleans:Endpoints:GatewayPort={ports[1]}", $"--Orleans:Clustering:BindAddress=127.0.0.1:{ports[2]}", seed);
        using var client = Start(clientArgument, seed);
        Console.WriteLine($"The silo is process {silo.Id}, the client process {client.Id}.");
        try
        {
            using var patience = new CancellationTokenSource(ClientPatience);
            var said = (await client.StandardOutput.ReadToEndAsync(patience.Token)).Trim();
            await client.WaitForExitAsync(patience.Token);
            var isRight = client.ExitCode == Success && said.EndsWith($"in process {silo.Id}.", StringComparison.Ordinal);
            Console.WriteLine($"The client was told: '{said}'");
            Console.WriteLine(isRight ? $"The client called a grain of the silo, after {clock.Elapsed.TotalSeconds:0.0} s." : $"That is not what the silo's grain should have said; the client's exit code is {client.ExitCode}.");
            return isRight && await HasEndedAsync(silo) ? Success : Failure;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"The client did not end within {ClientPatience.TotalSeconds:0} s.");
            return Failure;
        }
        finally
        {
            await Task.WhenAll(HasEndedAsync(client), HasEndedAsync(silo));
        }
    }

    /// <summary>Ends a process in order if it can, and otherwise by force.</summary>
    /// <returns>Whether it ended in order.</returns>
    private static async Task<bool> HasEndedAsync(Process process)
    {
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            process.Kill(); // it should have ended by itself before
            await process.WaitForExitAsync();
        }

        return process.ExitCode == Success;
    }

    /// <summary>Starts this very program once more.</summary>
    private static Process Start(params string[] arguments)
    {
        // Under `dotnet OrleansConfiguration.dll` the process is the runtime, and the program is its first argument.
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Assembly.GetExecutingAssembly().Location] : [];
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [ParentWatch.Variable] = bool.TrueString },
        })!;
    }
}
