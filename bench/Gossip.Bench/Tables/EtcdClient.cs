using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Gossip.Bench.Tables;

/// <summary>Speaks to one etcd after the other by its JSON gateway, over connections that stay.</summary>
internal sealed class EtcdClient : IDisposable
{
    private const int MaxConnections = 512;

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = MaxConnections });

    public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public async Task<JsonElement> PostAsync(int port, string path, object body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        using var response = await _http.PostAsJsonAsync($"http://127.0.0.1:{port}/v3/{path}", body, limit.Token);
        using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(limit.Token), cancellationToken: limit.Token);
        return document.RootElement.Clone();
    }

    /// <summary>Puts keys if a guard key was last changed by a revision; otherwise tells the revision that did.</summary>
    public async Task<(bool Done, long Revision)> SwapAsync(
        int port, string guard, long revision, IEnumerable<(string Key, string Value)> puts, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var root = await PostAsync(
            port,
            "kv/txn",
            new
            {
                compare = new[] { new { key = Encode(guard), target = "MOD", mod_revision = $"{revision}", result = "EQUAL" } },
                success = puts.Select(put => new { request_put = new { key = Encode(put.Key), value = Encode(put.Value) } }).ToArray(),
                failure = new[] { new { request_range = new { key = Encode(guard) } } },
            },
            timeout,
            cancellationToken);
        if (root.TryGetProperty("succeeded", out var succeeded) && succeeded.GetBoolean())
        {
            return (true, Number(root.GetProperty("header").GetProperty("revision")));
        }

        return (false, root.TryGetProperty("responses", out var responses) ? RevisionOf(responses[0].GetProperty("response_range")) : revision);
    }

    public static long RevisionOf(JsonElement range) => range.TryGetProperty("kvs", out var kvs) ? Number(kvs[0].GetProperty("mod_revision")) : 0;

    public void Dispose() => _http.Dispose();

    /// <summary>Large numbers are text in the gateway's JSON.</summary>
    private static long Number(JsonElement element) => long.Parse(element.GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
