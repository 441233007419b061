namespace Gossip;

/// <content>What the node says about itself: its tags and metadata.</content>
public sealed partial class GossipNode
{
    /// <summary>Changes the node's own tags and metadata, all or nothing. Only what changed is sent.</summary>
    /// <param name="change">Says what to change.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that ends when <see cref="View"/> shows the change; others learn it soon after.</returns>
    /// <exception cref="MetadataLimitException">There would be too much; nothing was changed.</exception>
    /// <exception cref="GossipStateException">The node does not run.</exception>
    public Task UpdateAsync(Action<NodeUpdate> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var update = new NodeUpdate();
        change(update);
        return Active(nameof(UpdateAsync)).UpdateAsync(update, cancellationToken);
    }

    /// <summary>Sets one of the node's own metadata values.</summary>
    /// <inheritdoc cref="UpdateAsync" path="/exception"/>
    /// <param name="key">The key: 1 to 256 bytes, case-sensitive.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that ends when <see cref="View"/> shows the change.</returns>
    public Task SetMetadataAsync(string key, MetadataValue value, CancellationToken cancellationToken = default) =>
        UpdateAsync(update => update.Set(key, value), cancellationToken);

    /// <summary>Deletes one of the node's own metadata values.</summary>
    /// <inheritdoc cref="UpdateAsync" path="/exception"/>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that ends when <see cref="View"/> shows the change.</returns>
    public Task DeleteMetadataAsync(string key, CancellationToken cancellationToken = default) =>
        UpdateAsync(update => update.Delete(key), cancellationToken);

    /// <summary>Adds a tag to the node.</summary>
    /// <inheritdoc cref="UpdateAsync" path="/exception"/>
    /// <param name="tag">The tag: 1 to 256 bytes, case-sensitive.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that ends when <see cref="View"/> shows the change.</returns>
    public Task AddTagAsync(string tag, CancellationToken cancellationToken = default) =>
        UpdateAsync(update => update.AddTag(tag), cancellationToken);

    /// <summary>Removes a tag from the node.</summary>
    /// <inheritdoc cref="UpdateAsync" path="/exception"/>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that ends when <see cref="View"/> shows the change.</returns>
    public Task RemoveTagAsync(string tag, CancellationToken cancellationToken = default) =>
        UpdateAsync(update => update.RemoveTag(tag), cancellationToken);
}
