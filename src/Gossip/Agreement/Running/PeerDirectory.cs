namespace Gossip.Agreement;

/// <summary>Reads from views who the other members are to the agreement. What a member tells is decoded once. Used by the pump only.</summary>
internal sealed class PeerDirectory
{
    private readonly Dictionary<NodeId, (ClusterMember Member, AgreementPeer Peer)> _known = [];

    public IReadOnlyList<AgreementPeer> Read(ClusterView view)
    {
        List<AgreementPeer> peers = new(view.Members.Length);
        foreach (var member in view.Members)
        {
            if (!member.IsLocal)
            {
                if (!_known.TryGetValue(member.Id, out var known) || !ReferenceEquals(known.Member, member))
                {
                    known = (member, Describe(member, known.Member, known.Peer));
                    _known[member.Id] = known;
                }

                peers.Add(known.Peer);
            }
        }

        if (_known.Count > peers.Count)
        {
            foreach (var forgotten in _known.Keys.Where(id => view.Find(id) is null).ToArray())
            {
                _known.Remove(forgotten);
            }
        }

        return peers;
    }

    private static AgreementPeer Describe(ClusterMember member, ClusterMember? before, AgreementPeer? peer)
    {
        var notice = before is not null && ReferenceEquals(before.SystemFacts, member.SystemFacts) ? peer!.Notice : Decode(member);
        var presence = member.IsPresent ? PeerPresence.Present : member.State == MemberState.Left ? PeerPresence.Left : PeerPresence.Dead;
        var height = member.SystemFacts.TryGetValue(NoticePublisher.VersionKey, out MetadataValue told) && told.TryGet(out ulong version) && version <= long.MaxValue ? (long)version : 0;
        return new AgreementPeer(member.Id, member.Endpoint, presence, notice, height);
    }

    private static AgreementNotice? Decode(ClusterMember member) =>
        member.SystemFacts.TryGetValue(AgreementNotice.FactKey, out MetadataValue value) && value.TryGet(out byte[]? bytes) && bytes is not null
            ? AgreementNotice.Read(bytes)
            : null;
}
