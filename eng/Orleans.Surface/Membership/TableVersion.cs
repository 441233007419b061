namespace Orleans;

public sealed class TableVersion(int version, string eTag) : IEquatable<TableVersion>
{
    public int Version { get; } = version;

    public string VersionEtag { get; } = eTag;

    /// <summary>The version that a write wants to make, with the etag of the one before: what the writer expects.</summary>
    public TableVersion Next() => new(Version + 1, VersionEtag);

    public override bool Equals(object? obj) => Equals(obj as TableVersion);

    public bool Equals(TableVersion? other) => other is not null && Version == other.Version && VersionEtag == other.VersionEtag;

    public override int GetHashCode() => HashCode.Combine(Version, VersionEtag);

    public override string ToString() => $"<{Version}, {VersionEtag}>";
}
