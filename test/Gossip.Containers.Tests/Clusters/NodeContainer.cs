using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using Gossip.Containers.Tests.Engine;
using Node;

namespace Gossip.Containers.Tests.Clusters;

/// <summary>One node in a container. It is asked through a socket in a folder that it shares with this machine, so that it answers whatever became of its network.</summary>
internal sealed class NodeContainer : IDisposable
{
    private const string ControlFolder = "/control";
    private const string SocketName = "node.sock";
    private const string HistoryName = "history";
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);

    private readonly IContainerEngine _engine;
    private readonly string _folder;
    private readonly HttpClient _http;

    /// <param name="engine">Runs it.</param>
    /// <param name="settings">How it is started.</param>
    /// <param name="folder">The folder that it shares.</param>
    public NodeContainer(IContainerEngine engine, ContainerSettings settings, string folder)
    {
        (_engine, Settings, _folder) = (engine, settings, folder);
        Directory.CreateDirectory(folder);
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, token) => await ConnectAsync(token), PooledConnectionLifetime = TimeSpan.Zero })
        {
            BaseAddress = new Uri("http://node"),
            Timeout = AnswerPatience,
        };
    }

    public ContainerSettings Settings { get; }

    /// <summary>Its name in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its process runs and is not stopped for a while.</summary>
    public bool IsRunning { get; private set; }

    private string Socket => Path.Combine(_folder, SocketName);

    /// <summary>What the node must be told so that it can be asked.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = $"http://unix:{ControlFolder}/{SocketName}",
        ["History"] = $"{ControlFolder}/{HistoryName}",
    };

    public static IReadOnlyDictionary<string, string> Mounts(string folder) => new Dictionary<string, string>(StringComparer.Ordinal) { [ControlFolder] = folder };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _engine.RunAsync(Settings, cancellationToken);
        IsRunning = true;
    }

    /// <summary>Starts it again where it was: with its address, as a rule, and with its files.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(Socket); // a process that was killed leaves it
        await _engine.StartAsync(Settings.Name, cancellationToken);
        IsRunning = true;
    }

    public Task StopAsync(CancellationToken cancellationToken) => EndAsync(_engine.StopAsync(Settings.Name, cancellationToken));

    public Task KillAsync(CancellationToken cancellationToken) => EndAsync(_engine.KillAsync(Settings.Name, cancellationToken));

    public Task PauseAsync(CancellationToken cancellationToken) => EndAsync(_engine.PauseAsync(Settings.Name, cancellationToken));

    public async Task UnpauseAsync(CancellationToken cancellationToken)
    {
        await _engine.UnpauseAsync(Settings.Name, cancellationToken);
        IsRunning = true;
    }

    public Task LimitProcessorAsync(double share, CancellationToken cancellationToken) => _engine.LimitProcessorAsync(Settings.Name, share, cancellationToken);

    /// <summary>Takes the container away, with all that it had but what it shares with this machine.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await EndAsync(_engine.RemoveAsync(Settings.Name, cancellationToken));
        File.Delete(Socket);
    }

    /// <summary>What the node says of itself and of the others; null when it does not answer.</summary>
    public Task<NodeReport?> TryReportAsync(CancellationToken cancellationToken) =>
        TryAskAsync(token => _http.GetFromJsonAsync<NodeReport>("/status", token), cancellationToken);

    /// <summary>The silos that a silo knows; null when it does not answer.</summary>
    public Task<SiloReport[]?> TrySilosAsync(CancellationToken cancellationToken) =>
        TryAskAsync(token => _http.GetFromJsonAsync<SiloReport[]>("/silos", token), cancellationToken);

    /// <summary>Has a silo call a grain, for which activation answered; null when none did.</summary>
    public Task<string?> TryCallAsync(long key, CancellationToken cancellationToken) => TryAskAsync(
        async token =>
        {
            using var answer = await _http.PostAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/call?key={key}"), UriKind.Relative), null, token);
            return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<CallReport>(token))!.Activation : null;
        },
        cancellationToken);

    public async Task<SendReport[]> SendAsync(string tag, string text, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(new Uri($"/send?tag={tag}&text={text}", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SendReport[]>(cancellationToken))!;
    }

    /// <summary>Has it use the table, or end that; what it began is then answered.</summary>
    public async Task WorkAsync(bool isOn, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(new Uri(isOn ? "/writing/start" : "/writing/stop", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The lines of each life of the node, as far as they are whole: a kill cuts the last one.</summary>
    public IEnumerable<string[]> ReadHistories() => Directory.EnumerateFiles(_folder, $"{HistoryName}.*").Select(static path => File.ReadAllText(path).Split('\n')[..^1]);

    public Task<string> ReadLogAsync(CancellationToken cancellationToken) => _engine.ReadLogAsync(Settings.Name, cancellationToken);

    public Task<int> FindProcessAsync(CancellationToken cancellationToken) => _engine.FindProcessAsync(Settings.Name, cancellationToken);

    public void Dispose() => _http.Dispose();

    private static async Task<T?> TryAskAsync<T>(Func<CancellationToken, Task<T?>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ask(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null; // it starts, or has ended
        }
    }

    private async Task EndAsync(Task end)
    {
        IsRunning = false;
        await end;
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
