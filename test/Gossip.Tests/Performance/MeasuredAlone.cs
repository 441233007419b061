using Xunit;

namespace Gossip.Tests.Performance;

/// <summary>Tests that measure the whole process: they run when all others are done, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
