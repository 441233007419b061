using Microsoft.Extensions.DependencyInjection;

namespace Gossip.Hosting;

/// <summary>A handler that is a service: it is added to the node when that is made, before anything can arrive.</summary>
internal sealed class ScopedHandler(Action<GossipMessaging, IServiceScopeFactory> add)
{
    public void AddTo(GossipMessaging messages, IServiceScopeFactory scopes) => add(messages, scopes);
}
