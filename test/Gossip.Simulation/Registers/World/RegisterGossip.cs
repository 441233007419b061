using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>
/// What one node hears of the others: each spreads all that it knows, as gossip does, and takes for dead whoever has not been heard of for a while. So what a node believes is late, and now and then wrong.
/// </summary>
internal sealed class RegisterGossip(RegisterWorld world, RegisterNode node)
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<int, Heard> _heard = [];
    private byte[] _notice = [];
    private long _beat;

    /// <summary>Tells somebody all that is known.</summary>
    public void Tell()
    {
        _notice = node.Engine.Notice.Encode();
        _heard[node.Index] = new Heard(node.Life, ++_beat, _notice, world.Now);
        var told = _heard.ToArray();
        var to = world.Random.Next(world.Nodes.Count);
        if (to != node.Index)
        {
            world.Network.Send(node.Index, to, other => other.Gossip.Hear(told));
        }

        node.OnPeers();
    }

    /// <summary>The other members, as this node believes them to be.</summary>
    public IEnumerable<AgreementPeer> Peers()
    {
        foreach (var (index, heard) in _heard)
        {
            if (index != node.Index)
            {
                var presence = world.Now - heard.At < Patience.Ticks ? PeerPresence.Present : PeerPresence.Dead;
                yield return new AgreementPeer(world.Nodes[index].Id, world.Nodes[index].Address, presence, AgreementNotice.Read(heard.Notice));
            }
        }
    }

    private void Hear(IEnumerable<KeyValuePair<int, Heard>> told)
    {
        foreach (var (index, heard) in told)
        {
            if (index != node.Index && (!_heard.TryGetValue(index, out var known) || (known.Life, known.Beat).CompareTo((heard.Life, heard.Beat)) < 0))
            {
                _heard[index] = heard with { At = world.Now };
            }
        }
    }

    private sealed record Heard(int Life, long Beat, byte[] Notice, long At);
}
