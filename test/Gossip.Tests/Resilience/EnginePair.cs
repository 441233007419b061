using Gossip.Node;
using Gossip.Tests.Membership;

namespace Gossip.Tests.Resilience;

/// <summary>Two engines with one stream between them, and no time that passes.</summary>
internal sealed class EnginePair(EngineHarness one, EngineHarness other)
{
    private const long Connection = 9;

    /// <summary>The most bytes that one frame made an engine send.</summary>
    public int LargestAnswer { get; private set; }

    /// <summary>Hands frames across until nobody has one to send.</summary>
    public void ExchangeStreams()
    {
        Queue<(EngineHarness To, EngineHarness From, byte[] Frame)> way = new();
        Collect(one, other);
        Collect(other, one);
        while (way.TryDequeue(out var next))
        {
            next.To.Receive(new PacketSource(next.From.Options.Endpoint, Connection), next.Frame);
            LargestAnswer = Math.Max(LargestAnswer, Collect(next.To, next.From));
        }

        int Collect(EngineHarness from, EngineHarness to)
        {
            var size = 0;
            foreach (var packet in from.Take().Where(packet => packet.Path != TransmitPath.Datagram))
            {
                size += packet.Bytes.Length;
                way.Enqueue((to, from, packet.Bytes));
            }

            return size;
        }
    }
}
