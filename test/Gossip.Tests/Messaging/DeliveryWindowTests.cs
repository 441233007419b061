using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

public class DeliveryWindowTests
{
    [Fact]
    public void A_sequence_is_new_once_then_running_then_finished()
    {
        var window = new DeliveryWindow();
        Assert.Equal(Admission.New, window.Admit(5, out _, out _));
        Assert.Equal(Admission.Running, window.Admit(5, out _, out _));
        window.Finish(5, SendOutcome.Failed, "why");
        Assert.Equal(Admission.Finished, window.Admit(5, out var outcome, out var error));
        Assert.Equal(SendOutcome.Failed, outcome);
        Assert.Equal("why", error);
    }

    [Fact]
    public void An_older_sequence_inside_the_window_is_new()
    {
        var window = new DeliveryWindow();
        window.Admit(2000, out _, out _);
        Assert.Equal(Admission.New, window.Admit(2000 - DeliveryWindow.Size + 1, out _, out _));
        Assert.Equal(Admission.TooOld, window.Admit(2000 - DeliveryWindow.Size, out _, out _));
    }

    [Fact]
    public void Any_jump_is_survived()
    {
        var window = new DeliveryWindow();
        foreach (var sequence in new[] { 1UL, ulong.MaxValue - 2000, ulong.MaxValue - 3, ulong.MaxValue })
        {
            Assert.Equal(Admission.New, window.Admit(sequence, out _, out _));
            window.Finish(sequence, SendOutcome.Failed, "x");
            Assert.Equal(Admission.Finished, window.Admit(sequence, out _, out _));
        }

        window.Finish(1, SendOutcome.Handled, null);
        Assert.Equal(Admission.TooOld, window.Admit(1, out _, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_model_that_remembers_everything(int seed)
    {
        var random = new Random(seed);
        var window = new DeliveryWindow();
        var seen = new Dictionary<ulong, SendOutcome?>();
        var highest = 0UL;
        for (var i = 0; i < 50_000; i++)
        {
            var jump = random.Next(100) == 0 ? random.Next(3000) : random.Next(3);
            var sequence = random.Next(2) == 0 ? highest + (ulong)jump : (ulong)Math.Max(1, (long)highest - random.Next(1500));
            sequence = Math.Max(1, sequence);
            highest = Math.Max(highest, sequence);
            var expected = highest - sequence >= DeliveryWindow.Size ? Admission.TooOld
                : !seen.TryGetValue(sequence, out var outcome) ? Admission.New
                : outcome is null ? Admission.Running
                : Admission.Finished;
            Assert.Equal(expected, window.Admit(sequence, out var told, out var error));
            if (expected == Admission.New)
            {
                seen[sequence] = null;
            }
            else if (expected == Admission.Finished)
            {
                Assert.Equal(seen[sequence], told);
                Assert.Equal(told == SendOutcome.Failed ? sequence.ToString() : null, error);
            }
            else if (expected == Admission.Running && random.Next(2) == 0)
            {
                var end = random.Next(2) == 0 ? SendOutcome.Failed : SendOutcome.Handled;
                window.Finish(sequence, end, end == SendOutcome.Failed ? sequence.ToString() : null);
                seen[sequence] = end;
            }
        }
    }

    [Fact]
    public void The_least_recently_used_window_is_forgotten()
    {
        var windows = new DeliveryWindows(capacity: 2);
        var (a, b, c) = (new NodeInstance(new NodeId(1), 1), new NodeInstance(new NodeId(2), 1), new NodeInstance(new NodeId(3), 1));
        windows.Admit(a, DeliveryLane.Reliable, 1, out _, out _, out _);
        windows.Admit(b, DeliveryLane.Reliable, 1, out _, out _, out _);
        windows.Admit(a, DeliveryLane.Reliable, 1, out _, out _, out _);
        windows.Admit(c, DeliveryLane.Reliable, 1, out _, out _, out _);
        Assert.Equal(2, windows.Count);
        Assert.Equal(Admission.Running, windows.Admit(a, DeliveryLane.Reliable, 1, out _, out _, out _));
        Assert.Equal(Admission.New, windows.Admit(b, DeliveryLane.Reliable, 1, out _, out _, out _));
    }

    [Fact]
    public void Of_many_threads_exactly_one_gets_a_new_sequence()
    {
        var windows = new DeliveryWindows();
        var sender = new NodeInstance(new NodeId(1), 1);
        var admitted = 0;
        Parallel.For(0, 4000, i =>
        {
            if (windows.Admit(sender, DeliveryLane.Reliable, 1 + (ulong)(i / 8), out _, out _, out _) == Admission.New)
            {
                Interlocked.Increment(ref admitted);
            }
        });
        Assert.Equal(500, admitted);
    }
}
