using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>A node's log, of which hooks hear the warnings and errors.</summary>
internal sealed class HookLogger(ILogger inner, HookFeed hooks) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel) || IsTold(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (inner.IsEnabled(logLevel))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }

        if (IsTold(logLevel))
        {
            hooks.Publish(new NodeWarned(logLevel, eventId, formatter(state, exception), exception));
        }
    }

    private bool IsTold(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None && hooks.WantsWarnings;
}
