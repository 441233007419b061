namespace Gossip.Messaging;

/// <summary>Tells the others, in each life of the node, which compressors it has that not every node has.</summary>
internal sealed class CompressionAnnouncer(IMessagingHost host, PayloadCompression compression)
{
    private readonly Lock _gate = new();
    private NodeInstance _told;

    /// <summary>Called whenever the view changed, so that it does not matter when the node joins, or joins again.</summary>
    public void OnViewChanged(ClusterView view)
    {
        if (compression.Announced.IsEmpty || !host.IsHeard || view.Local.State is not (MemberState.Alive or MemberState.Joining))
        {
            return;
        }

        lock (_gate)
        {
            if (_told == view.Local.Instance)
            {
                return;
            }

            _told = view.Local.Instance;
        }

        _ = TellAsync();
    }

    private async Task TellAsync()
    {
        try
        {
            await host.TellAsync(PayloadCompression.FactKey, (byte[])[.. compression.Announced], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            host.Logger.CompressionUntold(e); // others send this node what all understand
        }
    }
}
