using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using Gossip.Tests.Messaging;
using Gossip.Tests.Node;
using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>
/// No file descriptors left. The explicit tests spend all of their process, so the others run them in a child process with a low limit.
/// </summary>
public sealed class DescriptorExhaustionTests
{
    private const int Limit = 400;
    private const string Complaint = "cannot accept connections";

    /// <summary>
    /// What the runtime itself says when it lacks a descriptor in a bad moment: "Out of memory.", or the exception when it cannot start a thread. It is
    /// rare, and no matter of this library; then the child shows nothing, and is run again.
    /// </summary>
    private static readonly string[] RuntimeGaveUp = ["Out of memory.", "at System.Threading.Thread.StartCore()"];
    private const int Tries = 4;
    private const int Workers = 16;
    private const int StrangersAtMost = 30;
    private static readonly TimeSpan BetweenStrangers = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ChildPatience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(In_a_child_members_stay_and_newcomers_get_in_afterwards))]
    [InlineData(nameof(In_a_child_accepting_is_tried_once_for_each_pause))]
    public async Task A_process_without_descriptors_survives(string child)
    {
        Skipping.Unless(OperatingSystem.IsLinux(), "The limit of descriptors is set by a Unix shell.");
        var (exitCode, output) = await RunAsync(child);
        for (var i = 1; i < Tries && Array.Exists(RuntimeGaveUp, sign => output.Contains(sign, StringComparison.Ordinal)); i++)
        {
            (exitCode, output) = await RunAsync(child);
        }

        Assert.True(exitCode == 0 && output.Contains("Total: 1", StringComparison.Ordinal), output);
    }

    [Fact(Explicit = true)]
    public async Task In_a_child_members_stay_and_newcomers_get_in_afterwards()
    {
        const int tags = 5;
        LoadAll();
        var log = new LogLines();
        await using var cluster = new LocalCluster();
        await using var a = await GossipNode.StartAsync(cluster.Options(), log, cancellationToken: Cancellation);
        await using var b = await JoinedAsync(cluster, a);
        await a.SeesAsync(b.Id, MemberState.Alive);
        await b.SeesAsync(a.Id, MemberState.Alive);
        using var strangers = new Strangers();
        Stack<SafeFileHandle> held = new(Limit);
        var complaint = log.FirstAsync(Complaint);
        for (var i = 0; !complaint.IsCompleted; i++)
        {
            // A connection that ends just now leaves its descriptor, and lets one stranger in: the next one finds that taken, too.
            HoldAll(held);
            await strangers[i].ConnectAsync(a.View.Local.Address, Cancellation);
            await Task.WhenAny(complaint, Task.Delay(BetweenStrangers, Cancellation));
        }

        await complaint;

        for (var i = 0; i < tags; i++)
        {
            var count = i + 1;
            await a.AddTagAsync($"tag{i}", Cancellation);
            await Awaiting.UntilAsync(() => b.View.Find(a.Id)!.Tags.Count == count);
        }

        Assert.Equal(MemberState.Alive, a.View.Find(b.Id)!.State);
        Assert.Equal(MemberState.Alive, b.View.Find(a.Id)!.State);
        while (held.TryPop(out var handle))
        {
            handle.Dispose();
        }

        await using var c = await JoinedAsync(cluster, a);
        await a.SeesAsync(c.Id, MemberState.Alive);
        Assert.Equal(1, log.Count(Complaint));
        Assert.Contains("ulimit", await log.FirstAsync(Complaint), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task In_a_child_accepting_is_tried_once_for_each_pause()
    {
        const int pauses = 5;
        LoadAll();
        var clock = new TestClock();
        await using var node = LoopbackNode.Start(options => options with { TimeProvider = clock });
        using (var warm = await node.ConnectStrangerAsync())
        {
            await warm.SendAsync(FrameDecoderTests.Frame([1]), Cancellation);
            await node.Sink.Frames.NextAsync();
        }

        await Awaiting.UntilAsync(() => node.Counters.ConnectionsOpen == 0);
        // They leave before the node ends: it would wait for their last words by a clock that stands still by then.
        using var strangers = new Strangers();
        Stack<SafeFileHandle> held = new(Limit);
        HoldAll(held);
        var stranger = strangers[0];
        await stranger.ConnectAsync(node.Endpoint.ToIPEndPoint(), Cancellation);
        for (var i = 1; i <= pauses; i++)
        {
            await Awaiting.UntilAsync(() => node.Counters.AcceptErrors.Value >= i);
            for (var other = 0; other < pauses; other++)
            {
                // While time stands still, whatever else the process does, accepting rests.
                node.Transport.TrySendDatagram(node.Endpoint, [1]);
                await node.Sink.Datagrams.NextAsync();
            }

            Assert.Equal(i, node.Counters.AcceptErrors.Value);
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        while (held.TryPop(out var handle))
        {
            handle.Dispose();
        }

        await stranger.SendAsync(FrameDecoderTests.Frame([2]), Cancellation);
        await Awaiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return node.Sink.Frames.Reader.TryRead(out var frame) && frame.Packet is [2];
        });
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string child)
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "Gossip.Tests.dll");
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", $"ulimit -n {Limit}; exec dotnet exec \"$0\" -explicit only -method \"$1\"", tests, $"{typeof(DescriptorExhaustionTests).FullName}.{child}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            patience.CancelAfter(ChildPatience);
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, string.Concat(output));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Task<GossipNode> JoinedAsync(LocalCluster cluster, GossipNode seed)
    {
        var options = cluster.Options();
        options.Seeds.Add(seed.Address());
        return GossipNode.StartAsync(options, cancellationToken: Cancellation);
    }

    /// <summary>Opens files until the system has no more.</summary>
    private static void HoldAll(Stack<SafeFileHandle> held)
    {
        try
        {
            while (held.Count < Limit)
            {
                held.Push(File.OpenHandle("/dev/null"));
            }
        }
        catch (IOException)
        {
            return;
        }

        throw new InvalidOperationException($"The process may open more than {Limit} files.");
    }

    /// <summary>A new thread takes descriptors: the pool gets all it may have before they are gone.</summary>
    private static void StartThreads()
    {
        ThreadPool.SetMinThreads(Workers, Workers);
        ThreadPool.SetMaxThreads(Workers, Workers);

        // Nobody disposes of this: the last worker may look at it after the others have gone on.
        var begun = new ManualResetEventSlim();
        for (var i = 0; i < Workers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    if (ThreadPool.ThreadCount == Workers)
                    {
                        begun.Set();
                    }

                    begun.Wait(ChildPatience);
                },
                null);
        }

        begun.Wait(ChildPatience);
    }

    /// <summary>Code that is needed first when no file can be opened would not be found.</summary>
    private static void LoadAll()
    {
        StartThreads();
        HashSet<string> seen = [];
        Queue<Assembly> rest = new(AppDomain.CurrentDomain.GetAssemblies());
        while (rest.TryDequeue(out var assembly))
        {
            foreach (var name in assembly.GetReferencedAssemblies().Where(name => seen.Add(name.FullName)))
            {
                try
                {
                    rest.Enqueue(Assembly.Load(name));
                }
                catch (IOException)
                {
                    // Not shipped, so not needed.
                }
            }
        }
    }

    /// <summary>Have their descriptors before there are none left.</summary>
    private sealed class Strangers : IDisposable
    {
        private readonly Socket[] _sockets =
            [.. Enumerable.Range(0, StrangersAtMost).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];

        public Socket this[int index] => _sockets[index];

        public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());
    }
}
