using Gossip.Tests.Messaging;
using Gossip.Tests.Node;
using Gossip.Tests.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Gossip.Tests.Hosting;

/// <summary>Handlers that are services.</summary>
public sealed class ScopedHandlerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_message_and_request_has_a_scope_of_its_own_that_ends_with_it()
    {
        await using var cluster = new LocalCluster();
        var uses = new Uses();
        using var host = Build(cluster.Options(), services => services
            .AddSingleton(uses)
            .AddScoped<Resource>()
            .AddGossipHandler<Order, OrderHandler>(new HandlerOptions { MaxConcurrency = 1 })
            .AddGossipRequestHandler<Order, Receipt, ReceiptHandler>());
        await host.StartAsync(Token);
        var server = host.Services.GetRequiredService<GossipNode>();
        var options = cluster.Options();
        options.Seeds.Add(server.View.Local.Address.ToString());
        Register(options);
        await using var client = await GossipNode.StartAsync(options, cancellationToken: Token);
        await client.SeesAsync(server.Id, MemberState.Alive);

        for (var i = 1; i <= 3; i++)
        {
            Assert.True((await client.Messages.SendAsync(Target.Node(server.Id), new Order(i, "tea"), cancellationToken: Token)).Succeeded);
        }

        var receipt = await client.Messages.RequestAsync<Order, Receipt>(server.Id, new Order(4, "milk"), cancellationToken: Token);
        Assert.Equal(new Receipt(4, 3), receipt);
        Assert.Equal((4, 4), (uses.Made, uses.Disposed));
        var failed = await client.Messages.SendAsync(Target.Node(server.Id), new Order(-1, "tea"), cancellationToken: Token);
        Assert.Equal(SendOutcome.Failed, failed.Targets[0].Outcome);
        Assert.Equal((5, 5), (uses.Made, uses.Disposed));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_type_that_is_not_registered_stops_the_start()
    {
        await using var cluster = new LocalCluster();
        using var host = Build(cluster.Options(), static services => services.AddGossipHandler<string[], Unregistered>());
        var error = await Assert.ThrowsAsync<MessageTypeException>(() => host.StartAsync(Token));
        Assert.Contains("String[]", error.Message, StringComparison.Ordinal);
    }

    private static IHost Build(GossipOptions like, Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseGossipClustering(options =>
        {
            options.ClusterName = like.ClusterName;
            options.BindAddress = like.BindAddress;
            options.Profile = like.Profile;
            Register(options);
        });
        add(builder.Services);
        return builder.Build();
    }

    private static void Register(GossipOptions options)
    {
        options.MessageTypes.Register(200, TestJson.Default.Order);
        options.MessageTypes.Register(201, TestJson.Default.Receipt);
    }

    private sealed class Uses
    {
        public int Made;
        public int Disposed;
        public int Orders;
    }

    private sealed class Resource : IAsyncDisposable
    {
        private readonly Uses _uses;

        public Resource(Uses uses)
        {
            _uses = uses;
            Interlocked.Increment(ref uses.Made);
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref _uses.Disposed);
            return default;
        }
    }

    private sealed class OrderHandler(Uses uses, Resource resource) : IMessageHandler<Order>
    {
        public ValueTask HandleAsync(Order message, MessageContext context, CancellationToken cancellationToken)
        {
            Assert.NotNull(resource);
            ArgumentOutOfRangeException.ThrowIfNegative(message.Number);
            Interlocked.Increment(ref uses.Orders);
            return default;
        }
    }

    private sealed class ReceiptHandler(Uses uses, Resource resource) : IRequestHandler<Order, Receipt>
    {
        public ValueTask<Receipt> HandleAsync(Order request, MessageContext context, CancellationToken cancellationToken)
        {
            Assert.NotNull(resource);
            return new(new Receipt(request.Number, uses.Orders));
        }
    }

    private sealed class Unregistered : IMessageHandler<string[]>
    {
        public ValueTask HandleAsync(string[] message, MessageContext context, CancellationToken cancellationToken) => default;
    }
}
