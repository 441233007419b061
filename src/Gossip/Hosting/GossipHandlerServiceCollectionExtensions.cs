using System.Diagnostics.CodeAnalysis;
using Gossip;
using Gossip.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds handlers of messages that are services.</summary>
public static class GossipHandlerServiceCollectionExtensions
{
    /// <summary>Lets a service handle the messages of a type. Each message has a scope of its own, which ends with it; unless it is registered otherwise the service is scoped.</summary>
    /// <typeparam name="TMessage">The type; it must be registered with <see cref="GossipOptions.MessageTypes"/> when the node is made.</typeparam>
    /// <typeparam name="THandler">The service.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="options">How the handler is run. Default: many messages at once, in no order.</param>
    /// <returns>The services.</returns>
    /// <remarks>When the node is made, a type that is not registered, or has a handler already, is a <see cref="MessageTypeException"/>.</remarks>
    public static IServiceCollection AddGossipHandler<
        TMessage,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(this IServiceCollection services, HandlerOptions? options = null)
        where THandler : class, IMessageHandler<TMessage>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<THandler>();
        return services.AddSingleton(new ScopedHandler((messages, scopes) => messages.Handle<TMessage>(
            async (message, context, cancellationToken) =>
            {
                var scope = scopes.CreateAsyncScope();
                await using (scope.ConfigureAwait(false))
                {
                    await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(message, context, cancellationToken).ConfigureAwait(false);
                }
            },
            options)));
    }

    /// <summary>Lets a service reply to the requests of a type. Each request has a scope of its own, which ends with it; unless it is registered otherwise the service is scoped.</summary>
    /// <typeparam name="TRequest">The type of the request; it must be registered with <see cref="GossipOptions.MessageTypes"/> when the node is made.</typeparam>
    /// <typeparam name="TReply">The type of the reply; registered too.</typeparam>
    /// <typeparam name="THandler">The service.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="options">How the handler is run. Default: many requests at once, in no order.</param>
    /// <returns>The services.</returns>
    /// <remarks>When the node is made, a type that is not registered, or has a handler already, is a <see cref="MessageTypeException"/>.</remarks>
    public static IServiceCollection AddGossipRequestHandler<
        TRequest,
        TReply,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(this IServiceCollection services, HandlerOptions? options = null)
        where THandler : class, IRequestHandler<TRequest, TReply>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<THandler>();
        return services.AddSingleton(new ScopedHandler((messages, scopes) => messages.HandleRequest<TRequest, TReply>(
            async (request, context, cancellationToken) =>
            {
                var scope = scopes.CreateAsyncScope();
                await using (scope.ConfigureAwait(false))
                {
                    return await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(request, context, cancellationToken).ConfigureAwait(false);
                }
            },
            options)));
    }
}
