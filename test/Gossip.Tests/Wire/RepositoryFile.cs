namespace Gossip.Tests.Wire;

/// <summary>Reads files of the repository that tests hold the code against.</summary>
internal static class RepositoryFile
{
    private const string Landmark = "Orleans.Gossip.sln";

    public static string Read(params ReadOnlySpan<string> path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Landmark)))
            {
                return File.ReadAllText(Path.Combine([folder.FullName, .. path]));
            }
        }

        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} has {Landmark}.");
    }
}
