// A cluster of Orleans without a database: three silos and a client in four processes on this machine, grains that are called,
// messages between silos by tag, a silo that is killed with `kill -9` and one that takes its place.
//
//   dotnet run --project samples/OrleansCluster
//
// How it is made: this program starts itself three times as a silo (Silos/SiloHost.cs, which shows all that an application of
// your own needs), drives the three over their standard input and output, and is the client itself (Silos/GrainClient.cs). The
// steps are in Tour/. Every step checks its claim with the processes, and the exit code is 0 only if all claims came true. The
// tests use `--break <step>`, which makes the claim of that step false, to see that the checks do check.

using System.Runtime.InteropServices;
using System.Text;
using OrleansCluster;
using OrleansCluster.Silos;
using OrleansCluster.Tour;

const int Success = 0;
const int Failure = 1;
const int UsageError = 2;
const int Interrupted = 130; // what shells expect after Ctrl+C

var arguments = Arguments.Parse(args);
if (arguments.Silo is { } settings)
{
    return await SiloHost.RunAsync(settings);
}

if (arguments.Help || arguments.Error is not null)
{
    (arguments.Error is null ? Console.Out : Console.Error).WriteLine(arguments.Error is null ? Arguments.Usage : $"{arguments.Error}\n{Arguments.Usage}");
    return arguments.Error is null ? Success : UsageError;
}

Console.OutputEncoding = Encoding.UTF8;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// Whatever happens from here on, leaving this block ends the client and the silos, and removes their data.
await using var cluster = new Cluster(arguments.Logs);
try
{
    return await new TourGuide(cluster, new Screen(), arguments.Break).RunAsync(stop.Token) ? Success : Failure;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return Interrupted;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
