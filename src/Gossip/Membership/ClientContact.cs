using Gossip.Dissemination;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// How a client, which is no member and which nobody dials, keeps its view: it asks one member at a time, its contact, for a sign of life and for what
/// changed, on the stream that it dialled. When that one is lost it turns to another whom it knows; when it has tried all of them in vain it
/// forgets them and begins anew from its seeds, because a cluster that came up elsewhere cannot know who of the old one is gone.
/// </summary>
internal sealed class ClientContact(EngineContext context, AntiEntropy antiEntropy)
{
    /// <summary>A contact that leaves so many questions in a row without an answer is lost: it is one for a pause, and two for what a loaded network delays.</summary>
    private const int Patience = 3;

    /// <summary>Sequence numbers of its questions; they are apart from those of probes, which count up from a small number.</summary>
    private const ulong FirstSequence = 1UL << 33;

    private readonly HashSet<NodeId> _tried = [];
    private NodeId _contact;
    private ulong _asked = FirstSequence;
    private int _unanswered;
    private long _next = long.MaxValue;

    public long NextDeadline => _next;

    public void Start() => _next = context.Now.Ticks;

    public void Stop() => _next = long.MaxValue;

    public void OnTick()
    {
        if (context.Now.Ticks < _next)
        {
            return;
        }

        _next = context.Now.Ticks + context.Timing.ProbeInterval.Ticks;
        if (Contact() is { } contact)
        {
            Ask(contact);
        }
    }

    /// <summary>False when the acknowledgement is not of a question of this client.</summary>
    public bool OnAck(in ProbeMessage ack, NodeId from)
    {
        if (ack.Sequence <= FirstSequence || ack.Sequence > _asked)
        {
            return false;
        }

        if (from == _contact)
        {
            _unanswered = 0;
            _tried.Clear();
        }

        return true;
    }

    /// <summary>A stream to an endpoint could not be opened, or broke: when the contact is there, another is asked at once.</summary>
    public void OnLost(in NodeEndpoint endpoint)
    {
        if (_next != long.MaxValue && context.Table.TryFind(_contact, out var contact) && contact.Endpoint == endpoint)
        {
            _unanswered = Patience;
            _next = context.Now.Ticks;
        }
    }

    /// <summary>Whom to ask; null when nobody is known.</summary>
    private Member? Contact()
    {
        if (_unanswered < Patience && context.Table.TryFind(_contact, out var contact) && contact.IsPresent)
        {
            return contact;
        }

        if (!_contact.IsNone)
        {
            _tried.Add(_contact);
        }

        (_contact, _unanswered) = (default, 0);
        if (context.PickPresent(member => member.Slot != MemberTable.LocalSlot && !_tried.Contains(member.Id)) is { } next)
        {
            _contact = next.Id;
            return next;
        }

        ForgetAll();
        return null;
    }

    private void Ask(Member contact)
    {
        _unanswered++;
        var writer = context.Packets.BeginFrame();
        new ProbeMessage { Sequence = ++_asked, Target = contact.Instance }.Write(ref writer, MessageKind.Ping);
        antiEntropy.WriteDigest(ref writer);
        context.Packets.Stream(ref writer, contact.Endpoint);
    }

    private void ForgetAll()
    {
        _tried.Clear();
        List<Member> known = [];
        foreach (var member in context.Table.All)
        {
            if (member.Slot != MemberTable.LocalSlot)
            {
                known.Add(member);
            }
        }

        foreach (var member in known)
        {
            context.Table.Remove(member);
            context.Outbox.ViewChanged = true;
        }
    }
}
