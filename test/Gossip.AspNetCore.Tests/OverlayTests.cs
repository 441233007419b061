using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.AspNetCore.Tests;

/// <summary>Nodes that reach each other in a way that the library knows nothing of: here in memory, by names.</summary>
public sealed class OverlayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_meet_over_streams_of_the_users()
    {
        var overlay = new Overlay();
        var cluster = WebNode.NewCluster();
        await using var ana = await overlay.StartAsync(cluster, "ana", null);
        await using var ben = await overlay.StartAsync(cluster, "ben", "ana");
        await using var cleo = await overlay.StartAsync(cluster, "cleo", "ben");
        await WebNode.FormedAsync(ana, ben, cleo);
        var reply = await cleo.Messages.RequestAsync(ana.Id, WebNode.Question, MessagePayload.FromText("there?"), cancellationToken: Cancel);
        Assert.Equal("re: there?", reply.ReadText());
    }

    [Fact]
    public async Task A_cancelled_accept_closes_the_stream()
    {
        var overlay = new Overlay();
        await using var node = await overlay.StartAsync(WebNode.NewCluster(), "ana", null);
        var (near, far) = Overlay.Pair();
        using var giveUp = new CancellationTokenSource();
        var accepted = node.AcceptAsync(far, null, giveUp.Token);
        await Awaiting.UntilAsync(() => node.Runtime.Sockets.Counters.ConnectionsAccepted.Value == 1);
        await giveUp.CancelAsync();
        Assert.True(await accepted.InTime());
        Assert.Equal(0, await near.ReadAsync(new byte[1], Cancel).AsTask().InTime());
    }

    private sealed class Overlay : IGossipDialer
    {
        private readonly ConcurrentDictionary<string, GossipNode> _nodes = new(StringComparer.Ordinal);

        public static (Stream Near, Stream Far) Pair()
        {
            var (there, back) = (new Pipe(), new Pipe());
            return (new Duplex(back.Reader.AsStream(), there.Writer.AsStream()), new Duplex(there.Reader.AsStream(), back.Writer.AsStream()));
        }

        public async Task<GossipNode> StartAsync(string cluster, string name, string? seed)
        {
            var options = new GossipOptions { ClusterName = cluster, Profile = GossipProfile.Local, WebOnly = true, AllowPlaintext = true, Dialer = this };
            options.Web.Address = $"ws://{name}/";
            if (seed is not null)
            {
                options.Seeds.Add($"ws://{seed}/");
            }

            var node = GossipNode.Create(options);
            WebNode.Answer(node);
            _nodes[name] = node;
            await node.OpenAsync(Cancel);
            return node;
        }

        public async ValueTask<Stream?> DialAsync(IPEndPoint? address, Uri? webAddress, CancellationToken cancellationToken)
        {
            // A node that is about to start is dialled before it runs: as in any network, later again.
            var node = _nodes[webAddress!.Host];
            if (node.State != GossipNodeState.Running)
            {
                throw new IOException("Nobody is there yet.");
            }

            var (near, far) = Pair();
            _ = node.AcceptAsync(far, null, CancellationToken.None);
            await Task.Yield();
            return near;
        }
    }

    private sealed class Duplex(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Dispose();
                output.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
