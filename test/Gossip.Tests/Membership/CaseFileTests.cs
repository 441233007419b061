using Gossip.Membership;
using Xunit;

namespace Gossip.Tests.Membership;

public class CaseFileTests
{
    private const int Kept = 32;

    [Fact]
    public void The_latest_entries_win()
    {
        var file = new CaseFile();
        for (var i = 0; i < Kept + 3; i++)
        {
            file.Add(i, TestNodes.Id('b'), EvidenceKind.DirectProbeTimedOut);
        }

        Assert.Equal(Enumerable.Range(3, Kept).Select(i => (long)i), file.ToArray().Select(entry => entry.At));
    }

    [Fact]
    public void Accusers_are_named_once_the_first_one_first()
    {
        var file = new CaseFile();
        file.Add(1, TestNodes.Id('d'), EvidenceKind.Accused);
        file.Add(2, TestNodes.Id('b'), EvidenceKind.IndirectProbeFailed);
        file.Add(3, TestNodes.Id('c'), EvidenceKind.Accused);
        file.Add(4, TestNodes.Id('d'), EvidenceKind.Accused);

        Assert.Equal([TestNodes.Id('d'), TestNodes.Id('c')], file.Accusers());
    }
}
