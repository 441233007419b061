using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

/// <summary>After a death the survivors can say who accused the dead one, and on what evidence.</summary>
public sealed class CaseFileTests
{
    [Fact]
    public void The_case_file_of_a_dead_member_names_two_distinct_confirmers_and_who_buried_it()
    {
        var world = PlantedWorld.WarmUp();
        var victim = world.Nodes[^1];
        world.Crash(victim, silently: true);
        ViewAgreement.Await(world, new ConvergenceBounds(world).Detection(1));

        var full = 0;
        foreach (var survivor in world.Nodes.Where(node => node.IsUp))
        {
            var member = world.View(survivor.Index, victim.Index);
            var accusers = member.Case!.Accusers().ToList();
            Assert.Equal(MemberState.Dead, member.State);
            Assert.Equal(accusers.Distinct(), accusers);
            Assert.All(accusers, accuser => Assert.Contains(world.Nodes, node => node.Id == accuser && node.IsUp));
            Assert.Contains(world.Nodes, node => node.Id == member.Accuser && node.IsUp);
            Assert.Contains(member.Case.ToArray(), item => item.Kind is EvidenceKind.SuspicionExpired or EvidenceKind.DeathAnnounced);
            full += accusers.Count > world.Setup.Timing.SuspicionConfirmations ? 1 : 0;
        }

        // The first accuser, and two others who confirm: somebody has heard of them all, because only they make a suspicion as short as it can be.
        Assert.True(full > 0);
    }
}
