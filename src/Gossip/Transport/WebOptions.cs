using System.Diagnostics;
using System.Net.Security;
using System.Text.Json.Serialization;

namespace Gossip;

/// <summary>How a node is reached, and reaches others, by WebSocket: through web servers and proxies, where UDP and TCP ports are blocked.</summary>
public sealed class WebOptions
{
    /// <summary>
    /// The URL at which other nodes reach this one, <c>ws://host:port/path</c> or <c>wss://…</c>, as it is seen from them: where a proxy stands before the
    /// node, the proxy's. Whoever sets it has a web application listen there (<c>MapGossip</c> of the package Orleans.Gossip.AspNetCore). At most 255 bytes.
    /// Default: null, and the node is reached by UDP and TCP only.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// The bearer token that nodes show to each other with each WebSocket, equal on all nodes. 16 to 1024 letters, digits and <c>-._~+/=</c>. Keep it where
    /// secrets are kept: over <c>ws</c> it is sent as it is. Default: null, and none is sent or asked for.
    /// </summary>
    [JsonIgnore] // options end up in dumps
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Token { get; set; }

    /// <summary>Decides about the certificate of a <c>wss</c> server in place of the platform's rules. Default: null, and those apply.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; set; }
}
