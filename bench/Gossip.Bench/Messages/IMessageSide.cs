using Gossip.Bench.Reports;

namespace Gossip.Bench.Messages;

/// <summary>One that carries messages between this process and another.</summary>
internal interface IMessageSide : IAsyncDisposable
{
    Side Side { get; }

    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Sends one message; ends when another one may be sent. Sends may be under way at once, and their messages arrive in the order of the calls.</summary>
    ValueTask SendAsync(byte[] content, CancellationToken cancellationToken);

    /// <summary>Ends when all that was sent has been handled in the other process.</summary>
    Task WhenHandledAsync(CancellationToken cancellationToken);

    /// <summary>Asks the other process, which gives back what it was asked.</summary>
    Task RequestAsync(byte[] content, CancellationToken cancellationToken);
}
