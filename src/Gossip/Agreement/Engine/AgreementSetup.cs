using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>Who a node is in the agreement, from its options and its store.</summary>
internal sealed record AgreementSetup
{
    /// <summary>This life of the node: names its ballots and its session.</summary>
    public required NodeInstance Self { get; init; }

    /// <summary>The node with its store.</summary>
    public required AcceptorId Acceptor { get; init; }

    /// <summary>Where others reach it.</summary>
    public required NodeEndpoint Address { get; init; }

    /// <summary>The name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>What the register holds.</summary>
    public required IRegisterFormat Format { get; init; }

    public required FoundingPlan Founding { get; init; }

    /// <summary>The store outlives the process.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether the node takes a seat when it is given one.</summary>
    public bool OffersSeat { get; init; } = true;

    public string Zone { get; init; } = "";

    /// <summary>How often the store was opened.</summary>
    public long Boots { get; init; }

    /// <summary>Seeds all that the node draws.</summary>
    public required ulong RandomSeed { get; init; }

    public ProposerTiming ProposerTiming { get; init; } = new();

    public ClientTiming ClientTiming { get; init; } = new();

    public FoundingTiming FoundingTiming { get; init; } = new();

    public SuccessionTiming SuccessionTiming { get; init; } = new();

    public SeatTiming SeatTiming { get; init; } = new();
}
