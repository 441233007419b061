using System.Formats.Tar;
using System.Runtime.InteropServices;
using Gossip.Containers.Tests.Engine;

namespace Gossip.Containers.Tests.Images;

/// <summary>An image with this machine's own .NET runtime and the libraries that it needs, for where no image can be fetched.</summary>
internal static class MachineImage
{
    private const string DotnetFolder = "dotnet";
    private static readonly string[] Frameworks = ["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"];

    /// <summary>What the runtime links to or loads, by the beginnings of names.</summary>
    private static readonly string[] Libraries =
    [
        "libc.so.", "libm.so.", "libdl.so.", "libpthread.so.", "librt.so.", "libresolv.so.", "libnss_files.so.", "libnss_dns.so.", "libgcc_s.so.", "libstdc++.so.", "libz.so.", "libssl.so.", "libcrypto.so.",
    ];

    /// <summary>Where programs look for the dynamic linker itself: the name is part of them.</summary>
    private static readonly string[] Linkers = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3"];

    /// <summary>Where the runtime of this process is installed.</summary>
    private static DirectoryInfo DotnetRoot => new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent!.Parent!.Parent!;

    public static async Task BuildAsync(IContainerEngine engine, string tag, CancellationToken cancellationToken)
    {
        var libraries = await FindLibrariesAsync(cancellationToken);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"/{DotnetFolder}", ["DOTNET_ROOT"] = $"/{DotnetFolder}", ["HOME"] = "/tmp" };
        await engine.ImportAsync(tag, environment, (stream, token) => WriteAsync(stream, libraries, token), cancellationToken);
    }

    private static async Task WriteAsync(Stream stream, IReadOnlyList<string> libraries, CancellationToken cancellationToken)
    {
        await using var archive = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0b1_111_111_111 }, cancellationToken);
        await WriteTextAsync(archive, "etc/nsswitch.conf", "hosts: files dns\n", cancellationToken);
        await WriteTextAsync(archive, "etc/passwd", "root:x:0:0::/tmp:\n", cancellationToken);
        foreach (var library in libraries)
        {
            await WriteFileAsync(archive, library, library.TrimStart('/'), cancellationToken);
        }

        var root = DotnetRoot;
        await WriteFileAsync(archive, Path.Combine(root.FullName, "dotnet"), $"{DotnetFolder}/dotnet", cancellationToken);
        var version = Path.GetFileName(Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()));
        foreach (var folder in Frameworks.Select(framework => Path.Combine("shared", framework, version)).Append(Path.Combine("host", "fxr", version)))
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root.FullName, folder), "*", SearchOption.AllDirectories))
            {
                await WriteFileAsync(archive, file, $"{DotnetFolder}/{Path.GetRelativePath(root.FullName, file)}", cancellationToken);
            }
        }
    }

    /// <summary>Writes what a link leads to, under the name of the link.</summary>
    private static async Task WriteFileAsync(TarWriter archive, string path, string name, CancellationToken cancellationToken)
    {
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        await using var content = file.OpenRead();
        await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = file.UnixFileMode, DataStream = content }, cancellationToken);
    }

    private static async Task WriteTextAsync(TarWriter archive, string name, string text, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text));
        await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, DataStream = content }, cancellationToken);
    }

    /// <summary>Asks the dynamic linker's cache; of several libraries of one name the first is meant, as the linker does.</summary>
    private static async Task<IReadOnlyList<string>> FindLibrariesAsync(CancellationToken cancellationToken)
    {
        const string Arrow = " => ";
        var program = File.Exists("/sbin/ldconfig") ? "/sbin/ldconfig" : "ldconfig";
        var cache = await CommandLine.RunAsync(program, ["-p"], cancellationToken);
        return
        [
            .. cache.Split('\n')
                .Select(static line => (Name: line.Trim().Split(' ')[0], At: line.IndexOf(Arrow, StringComparison.Ordinal), Line: line))
                .Where(static line => line.At > 0 && Array.Exists(Libraries, line.Name.StartsWith))
                .Select(static line => line.Line[(line.At + Arrow.Length)..].Trim())
                .Concat(Linkers.Where(File.Exists))
                .Distinct(StringComparer.Ordinal),
        ];
    }
}
