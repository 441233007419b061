using Gossip.Metadata;
using Gossip.Node;

namespace Gossip.Dissemination;

/// <summary>Changes the node's own tags and metadata, and tells the others what changed.</summary>
internal sealed class OwnFacts(EngineContext context)
{
    /// <summary>Carries out all changes or, if one is refused, none.</summary>
    public void Change(IReadOnlyList<FactChange> changes)
    {
        var self = context.Self;
        var before = self.Facts.Position;
        var mark = self.Facts.Mark();
        try
        {
            foreach (var change in changes)
            {
                if (!context.Options.Clock.TryNext(context.Now.WallMicros, out var stamp))
                {
                    throw new GossipException("The wall clock is far behind the clocks of other nodes: set it right, and try again.");
                }

                _ = change.Value is { } value
                    ? self.Facts.Set(change.Kind, change.Key, value, stamp)
                    : self.Facts.Remove(change.Kind, change.Key, stamp);
            }
        }
        catch
        {
            self.Facts.Restore(mark);
            throw;
        }

        if (self.Facts.Position != before)
        {
            self.Changed();
            context.Outbox.ViewChanged = true;
            if (context.Table.Count > 1)
            {
                context.Rumours.TellFacts(self, before);
            }
        }
    }
}
