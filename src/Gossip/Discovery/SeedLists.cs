using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Gossip.Discovery;

/// <summary>One address a line; no address has a '#'. Reading the file each time notices every change, on every file system, also where a mounted secret is exchanged as a whole.</summary>
internal sealed class FileSeeds(string path) : ISeedProvider
{
    /// <summary>More is no list of seeds.</summary>
    private const int MaxBytes = 1024 * 1024;

    public async ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using (file.ConfigureAwait(false))
            {
                if (file.Length > MaxBytes)
                {
                    throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it has more than {MaxBytes} bytes; is it the right file?"));
                }

                var bytes = new byte[file.Length];
                var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                using var reader = new StreamReader(new MemoryStream(bytes, 0, length));
                return [.. Lines(reader).Select(static line => line.Split('#')[0].Trim()).Where(static line => line.Length > 0)];
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException("it does not exist: create it, with one address a line, or correct its path", e);
        }
    }

    public override string ToString() => $"the file '{path}'";

    private static IEnumerable<string> Lines(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}

/// <summary>An environment variable with a list.</summary>
internal sealed class EnvironmentSeeds(string variable) : ISeedProvider
{
    private static readonly char[] Separators = [',', ';', ' ', '\t', '\r', '\n'];

    public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) =>
        new((Environment.GetEnvironmentVariable(variable) ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries));

    public override string ToString() => $"the environment variable {variable}";
}

/// <summary>A section of the configuration with a list: its present state.</summary>
/// <param name="section">The list.</param>
/// <param name="isHosts">Whether it is the one that hosts read in any case, so that it does not mean that somebody expects seeds.</param>
internal sealed class ConfigurationSeeds(IConfiguration section, bool isHosts = false) : ISeedProvider
{
    public bool IsHosts => isHosts;

    public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) =>
        new([.. section.GetChildren().Select(static child => child.Value).OfType<string>()]);

    public override string ToString() => section is IConfigurationSection { Path: var path } ? $"the configuration {path}" : "the configuration";
}

/// <summary>A function of the user.</summary>
internal sealed class FunctionSeeds(Func<CancellationToken, ValueTask<IReadOnlyList<string>>> getSeeds) : ISeedProvider
{
    public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) => getSeeds(cancellationToken);

    public override string ToString() => "a function";
}

/// <summary>A service, which is made when it is asked for the first time: it may need what needs the options.</summary>
internal sealed class ServiceSeeds(Type service, Func<ISeedProvider> get) : ISeedProvider
{
    public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) => get().GetSeedsAsync(cancellationToken);

    public override string ToString() => $"the service {service.Name}";
}
