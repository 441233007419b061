using System.Diagnostics;
using Gossip.Metadata;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>What the engine knows about one member. Mutable, and touched only by the engine.</summary>
internal sealed class Member(int slot, NodeInstance instance, FactLimits factLimits)
{
    private EncodedStatement _encoded;

    /// <summary>The index in the <see cref="MemberTable"/>: rumours and probes name members by it.</summary>
    public int Slot { get; } = slot;

    public NodeInstance Instance { get; private set; } = instance;

    public NodeId Id => Instance.Id;

    public ulong Incarnation { get; set => Set(ref field, value); }

    public MemberState State { get; set => Set(ref field, value); } = MemberState.Joining;

    public NodeEndpoint Endpoint { get; set => Set(ref field, value); }

    public MemberTraits Traits { get; set => Set(ref field, value); }

    /// <summary>What the member reads.</summary>
    public ProtocolVersions Versions { get; set => Set(ref field, value); } = ProtocolVersions.First;

    public NodeFeatures Features { get; set => Set(ref field, value); }

    /// <summary>The member's tags and metadata.</summary>
    public FactSet Facts { get; private set; } = new(factLimits);

    /// <summary>Set while the member is <see cref="MemberState.Suspect"/>.</summary>
    public Suspicion? Suspicion { get; set; }

    /// <summary>When <see cref="State"/> last changed.</summary>
    public long StateSince { get; set; }

    /// <summary>Who declared the death, when it was learned from somebody.</summary>
    public NodeId Accuser { get; set => Set(ref field, value); }

    /// <summary>What probing found out, for explanations; null until something failed.</summary>
    public CaseFile? Case { get; set; }

    /// <summary>Whether the <see cref="ProbeSchedule"/> holds the member.</summary>
    public bool Scheduled { get; set; }

    /// <summary>When the member, being dead, is contacted next.</summary>
    public long NextContact { get; set; }

    /// <summary>Whether newer facts were heard of, and may still come by themselves.</summary>
    public bool FactsAwaited { get; set; }

    /// <summary>Until when an answer to a request for its facts is awaited.</summary>
    public long FactsWantedUntil { get; set; }

    /// <summary>The snapshot for views, kept until something in it changes.</summary>
    public ClusterMember? Snapshot { get; set; }

    /// <summary>What this node says about the member, once it has said it, and while that stays the same.</summary>
    public ref readonly EncodedStatement Encoded => ref _encoded;

    /// <summary>Takes part: it is probed (unless leaving), told rumours and sent messages.</summary>
    public bool IsPresent => State is MemberState.Alive or MemberState.Suspect or MemberState.Leaving;

    public bool IsGone => State is MemberState.Dead or MemberState.Left;

    /// <summary>True for the node itself when it is a client; it is told of no other.</summary>
    public bool IsClient => (Traits & MemberTraits.Client) != MemberTraits.None;

    public bool StreamOnly => (Traits & MemberTraits.StreamOnly) != MemberTraits.None;

    /// <summary>Begins a new life of the node: nothing that was known about the last one holds.</summary>
    public void Reincarnate(NodeInstance instance)
    {
        Instance = instance;
        Incarnation = 0;
        Facts = new FactSet(factLimits);
        Suspicion = null;
        Case = null;
        Accuser = default;
        FactsWantedUntil = 0;
        Changed();
    }

    /// <summary>What was made of the member's state and facts before does not hold any more.</summary>
    public void Changed()
    {
        Snapshot = null;
        _encoded.Clear();
    }

    /// <summary>Tells others what the member's state is now.</summary>
    public void WriteStatement(ref WireWriter writer, long now)
    {
        Encode(now);
        if (_encoded.IsEmpty)
        {
            ToStatement(now, history: false).Write(ref writer);
        }
        else
        {
            _encoded.Write(ref writer);
        }
    }

    /// <summary>Keeps what this node says about the member, unless it grows old: the dead and the gone are told with their age.</summary>
    public void Encode(long now)
    {
        if (_encoded.IsEmpty && !IsGone)
        {
            _encoded.Keep(ToStatement(now, history: false));
        }

        Debug.Assert(_encoded.IsEmpty || _encoded.IsOf(ToStatement(now, history: false)), "Something changed in the member without a word.");
    }

    /// <summary>What to tell others about the member now.</summary>
    public MemberStatement ToStatement(long now, bool history) => new()
    {
        Subject = Instance,
        Incarnation = Incarnation,
        // A suspicion is told as an accusation, by its accuser; apart from that a suspect is still alive. So is a newcomer to others.
        State = State is MemberState.Suspect or MemberState.Joining ? MemberState.Alive : State,
        Endpoint = Endpoint,
        Traits = Traits,
        Versions = Versions,
        Features = Features,
        Accuser = State == MemberState.Dead ? Accuser : default,
        FactsVersion = Facts.Version,
        History = history,
        AgeSeconds = IsGone ? (ulong)Math.Max(0, (now - StateSince) / TimeSpan.TicksPerSecond) : 0,
    };

    private void Set<T>(ref T field, T value)
    {
        field = value;
        Changed();
    }
}
