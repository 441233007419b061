using Gossip.Streaming;
using Gossip.Tests.Messaging;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>Streams that are quiet keep their connection, and nodes without streams are not woken.</summary>
public sealed class StreamPulseTests
{
    private const int Type = 144;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void It_beats_while_there_are_streams_and_begins_again_with_the_next()
    {
        var clock = new TestClock();
        var (beats, streams) = (0, 1);
        var pulse = new StreamPulse(clock, () =>
        {
            beats++;
            return streams > 0;
        });
        Beat(expected: 0); // nobody came

        pulse.Start();
        pulse.Start();
        Beat(expected: 1);
        Beat(expected: 2);
        streams = 0;
        Beat(expected: 3); // which finds nothing
        Beat(expected: 3);
        streams = 1;
        pulse.Start();
        Beat(expected: 4);
        pulse.Stop();
        pulse.Start();
        Beat(expected: 4);

        void Beat(int expected)
        {
            clock.Advance(StreamPulse.Period);
            Assert.Equal(expected, beats);
        }
    }

    [Fact]
    public async Task A_sign_of_life_is_a_frame_and_changes_nothing()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var echo = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        Assert.False(a.Streams.SayAlive());
        await using var stream = await a.OpenAsync(b, Type);
        var frames = b.RuntimeOrNull!.Sockets.Counters.FramesIn.Value;
        Assert.True(a.Streams.SayAlive());
        await Awaiting.UntilAsync(() => b.RuntimeOrNull.Sockets.Counters.FramesIn.Value > frames);
        Assert.Equal(0, b.Streams.Counters.Dropped.Value);

        await stream.Output.WriteAsync(new byte[] { 1 }, Token);
        await stream.Output.CompleteAsync();
        Assert.Equal([1], await stream.ReadAllAsync().InTime());
        await cluster.NothingLeftAsync();
    }
}
