using Gossip.Diagnostics;

namespace Gossip.Node;

/// <content>How a life of the node begins: by its seeds, or in the place of an earlier one.</content>
internal sealed partial class NodeRuntime
{
    private async Task JoinSeedsAsync(CancellationToken cancellationToken)
    {
        if (Seeds.Count == 0)
        {
            if (_options.HasSeedProviders)
            {
                GossipLog.Alone(_logger, Seeds.Count); // somebody expected others
            }

            return;
        }

        var results = await Joiner.JoinAsync(Seeds.All, cancellationToken).ConfigureAwait(false);
        if (_options.SeedsMustResolve && results.All(result => result.Failure == JoinFailure.Unresolvable))
        {
            throw results[0].Error!;
        }

        foreach (var result in results)
        {
            if (result.Succeeded)
            {
                GossipLog.Joined(_logger, result.Address, result.By);
            }
            else if (!SeedsAreGuesses && result.Failure != JoinFailure.Self)
            {
                GossipLog.JoinFailed(_logger, result.Address, result.Error!.Message, TimeSpan.FromSeconds(1));
            }
        }

        if (!results.Any(result => result.Succeeded))
        {
            GossipLog.Alone(_logger, Seeds.Count);
            await BecomeAliveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Peers remember a later life of this node: go on as a still later one, with the same facts and through the same members.</summary>
    private void RaiseGeneration(ulong known)
    {
        if (known < Identity.Instance.Generation || _leaving)
        {
            return; // raised already, or of no importance any more
        }

        Identity.Renew(_time.GetUtcNow(), above: known, _random);
        GossipLog.GenerationRaised(_logger, known, Identity.Instance);
        BeginNextLife(Pump.Now, joining: false);
    }

    private void BeginNextLife(Moment now, bool joining) => Pump.Replace((last, outbox) =>
    {
        last.Abandon(now);
        var next = new GossipEngine(EngineOptions(), outbox);
        next.Start(now, joining);
        next.InheritFacts(now, last);
        if (!joining)
        {
            next.JoinMembersOf(now, last);
        }

        return next;
    });
}
