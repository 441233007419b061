using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Discovery;

/// <summary>All seed providers of a node. They are the user's code: whatever one does, the others and the node go on.</summary>
internal sealed class SeedSources(IEnumerable<ISeedProvider> providers, TimeProvider time, ILogger logger)
{
    /// <summary>A node that starts waits no longer for its providers.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Of one provider. Whoever knows so many nodes knows the others soon.</summary>
    public const int MaxSeeds = 1024;

    private readonly Source[] _sources = [.. providers.Select(provider => new Source(provider))];

    public bool IsEmpty => _sources.Length == 0;

    public static SeedSources Of(GossipOptions options, TimeProvider time, ILogger logger) => new(
        options.SeedsFile is { } path ? [new FileSeeds(path), .. options.SeedProviders] : options.SeedProviders, time, logger);

    /// <summary>Asks all at once.</summary>
    /// <returns>What each said, or said last, without what is malformed.</returns>
    public async Task<IReadOnlyList<string>> AskAsync(CancellationToken cancellationToken)
    {
        if (IsEmpty)
        {
            return [];
        }

        await Task.WhenAll(_sources.Select(source => AskAsync(source, cancellationToken))).ConfigureAwait(false);
        return [.. _sources.SelectMany(static source => source.Seeds).Distinct(StringComparer.Ordinal)];
    }

    private async Task AskAsync(Source source, CancellationToken cancellationToken)
    {
        string problem;
        try
        {
            // Whoever did not answer yet is not asked a second time.
            source.Pending ??= Task.Run(async () => await source.Provider.GetSeedsAsync(cancellationToken).ConfigureAwait(false), cancellationToken);
            var said = await source.Pending.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            source.Pending = null;
            Take(source, said ?? []);
            return;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException) when (source.Pending is { IsCompleted: false })
        {
            problem = $"it did not answer within {Patience}";
        }
        catch (Exception e)
        {
            source.Pending = null;
            problem = e.Message;
        }

        if (problem != source.Problem)
        {
            source.Problem = problem;
            GossipLog.SeedProviderFailed(logger, source.Name, problem, source.Seeds.Count);
        }
    }

    private void Take(Source source, IReadOnlyList<string> said)
    {
        if (source.Problem is not null)
        {
            source.Problem = null;
            GossipLog.SeedProviderRecovered(logger, source.Name, said.Count);
        }

        string[] now = [.. said.Take(MaxSeeds)];
        if (source.Said.SequenceEqual(now, StringComparer.Ordinal) && source.Total == said.Count)
        {
            return; // and what is wrong with it was logged
        }

        (source.Said, source.Total) = (now, said.Count);
        if (said.Count > MaxSeeds)
        {
            GossipLog.TooManySeeds(logger, source.Name, said.Count, MaxSeeds);
        }

        List<string> seeds = [];
        foreach (var seed in now)
        {
            try
            {
                _ = GossipAddressParser.Parse(seed ?? "", AddressUse.Dial);
                seeds.Add(seed!);
            }
            catch (GossipAddressException e)
            {
                GossipLog.SeedRefused(logger, source.Name, e.Message);
            }
        }

        source.Seeds = seeds;
    }

    private sealed class Source(ISeedProvider provider)
    {
        public ISeedProvider Provider => provider;

        public string? Name { get; } = provider.ToString();

        public Task<IReadOnlyList<string>>? Pending { get; set; }

        public string[] Said { get; set; } = [];

        public int Total { get; set; }

        public List<string> Seeds { get; set; } = [];

        public string? Problem { get; set; }
    }
}
