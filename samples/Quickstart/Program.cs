// A tour of Orleans.Gossip that shows what it says: three processes on this machine find each other, share metadata, exchange
// messages, lose one of them, get it back, and part.
//
//   dotnet run --project samples/Quickstart                    the tour, some seconds long
//   dotnet run --project samples/Quickstart -- --interactive   and then a prompt, to try things yourself
//
// How it is made: this program starts itself three times as a node (Nodes/NodeHost.cs, which is all that an application of your
// own would need) and drives the three over their standard input and output (Nodes/NodeProcess.cs). The steps are in Tour/.
// Every step checks its claim with the processes, and the exit code is 0 only if all claims came true. The tests use
// `--break <step>`, which makes the claim of that step false, to see that the checks do check.

using System.Runtime.InteropServices;
using System.Text;
using Quickstart;
using Quickstart.Nodes;
using Quickstart.Tour;

const int Success = 0;
const int Failure = 1;
const int UsageError = 2;
const int Interrupted = 130; // what shells expect after Ctrl+C

var arguments = Arguments.Parse(args);
if (arguments.Node is { } settings)
{
    return await NodeHost.RunAsync(settings);
}

if (arguments.Help || arguments.Error is not null)
{
    (arguments.Error is null ? Console.Out : Console.Error).WriteLine(arguments.Error is null ? Arguments.Usage : $"{arguments.Error}\n{Arguments.Usage}");
    return arguments.Error is null ? Success : UsageError;
}

Console.OutputEncoding = Encoding.UTF8;
var screen = new Screen();
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// Whatever happens from here on, leaving this block ends the three processes.
await using var cluster = new Cluster();
try
{
    var succeeded = await new TourGuide(cluster, screen, arguments.Break).RunAsync(stop.Token);
    if (succeeded && arguments.Interactive)
    {
        await new Prompt(cluster, screen).RunAsync(stop.Token);
    }

    return succeeded ? Success : Failure;
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
