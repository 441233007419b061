using System.Collections.Concurrent;
using Gossip.Tests.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Tests.Sealing;

/// <summary>Keeps what a node logs.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public async Task<string> FirstAsync(string part)
    {
        await Awaiting.UntilAsync(() => _lines.Any(line => line.Contains(part, StringComparison.Ordinal)));
        return _lines.First(line => line.Contains(part, StringComparison.Ordinal));
    }

    public int Count(string part) => _lines.Count(line => line.Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
