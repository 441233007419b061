namespace Gossip.Bench.Machine;

/// <summary>The sources that this program was built from: it has other programs built from them.</summary>
internal static class SourceTree
{
    private const string Solution = "Orleans.Gossip.sln";

    /// <summary>The folder of the solution; null when this program was carried elsewhere.</summary>
    public static string? FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Solution)))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }
}
