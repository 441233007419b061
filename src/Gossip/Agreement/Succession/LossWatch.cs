namespace Gossip.Agreement;

/// <summary>Follows whether the register that a node belongs to is lost, and says when that has stood long enough to act on it. Pure.</summary>
internal sealed class LossWatch(SuccessionTiming timing)
{
    private Guid _incarnation;
    private Loss? _loss;
    private long _provenSince = long.MaxValue;

    /// <summary>It is proven now that the register decides nothing any more.</summary>
    public bool IsProven => _loss?.IsProven == true;

    /// <summary>It may be so: those who came back with other stores have to hear of the seats that they had.</summary>
    public bool IsSuspected => _loss?.IsSuspected == true;

    /// <summary>It has been for long enough.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Why nobody votes for a successor yet, in words.</summary>
    public string WaitsFor { get; private set; } = "";

    /// <summary>Looks at who is there. True when the proof is new.</summary>
    /// <param name="now">The time.</param>
    /// <param name="incarnation">The register.</param>
    /// <param name="loss">What is known of its acceptors.</param>
    /// <param name="isPledged">This node's store voted for a successor because of the loss of that very epoch, so that was settled before.</param>
    public bool Look(long now, Guid incarnation, Loss loss, bool isPledged)
    {
        var wasProven = IsProven && incarnation == _incarnation;
        (_incarnation, _loss) = (incarnation, loss);
        _provenSince = !loss.IsProven ? long.MaxValue : wasProven ? _provenSince : now;
        var patience = timing.LossPatience + (loss.Missing.IsEmpty ? TimeSpan.Zero : timing.MissingPatience);
        IsSettled = isPledged || (loss.IsProven && now - _provenSince >= patience.Ticks);
        WaitsFor = !loss.IsProven || IsSettled ? ""
            : loss.Missing.IsEmpty ? "members that may know of later acceptors are listened to"
            : $"{string.Join(", ", loss.Missing.Select(peer => peer.Address))} cannot be reached and might know of later acceptors, so they are waited for a little";
        return loss.IsProven && !wasProven;
    }

    /// <summary>For how long that has been so; null when it is not.</summary>
    public TimeSpan? ProvenFor(long now) => IsProven ? TimeSpan.FromTicks(now - _provenSince) : null;

    public void Clear()
    {
        (_loss, _provenSince, IsSettled, WaitsFor) = (null, long.MaxValue, false, "");
    }
}
