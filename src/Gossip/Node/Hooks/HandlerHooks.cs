namespace Gossip.Node;

/// <summary>Tells the hooks when a handler, with the middleware before it, starts and ends.</summary>
internal static class HandlerHooks
{
    public static ValueTask<MessagePayload> RunAsync(this HookFeed hooks, TimeProvider time, MessageContext context, Func<ValueTask<MessagePayload>> run) =>
        hooks.WantsHandlers ? TellAsync(hooks, time, context, run) : run();

    private static async ValueTask<MessagePayload> TellAsync(HookFeed hooks, TimeProvider time, MessageContext context, Func<ValueTask<MessagePayload>> run)
    {
        Exception? error = null;
        var start = time.GetTimestamp();
        hooks.Publish(new HandlerStarted(context));
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            error = thrown;
            throw;
        }
        finally
        {
            hooks.Publish(new HandlerEnded(context, time.GetElapsedTime(start), error));
        }
    }
}
