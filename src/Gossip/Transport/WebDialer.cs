using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace Gossip.Transport;

/// <summary>Dials web addresses. One per node, so that all dials share what the platform keeps of connections to a host.</summary>
internal sealed class WebDialer : IDisposable
{
    private readonly string? _token;
    private readonly HttpMessageInvoker _client;

    public WebDialer(WebOptions options)
    {
        _token = options.Token;
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false, // a token is for the server that it was meant for
        };
        handler.SslOptions.RemoteCertificateValidationCallback = options.ServerCertificateValidation;
        _client = new HttpMessageInvoker(handler);
    }

    public ILinkOpening Dial(NodeEndpoint peer) => new Opening(this, peer);

    public void Dispose() => _client.Dispose();

    private async ValueTask<IByteLink> OpenAsync(NodeEndpoint peer, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = WebSocketLink.KeepAlivePeriod;
            if (_token is not null)
            {
                socket.Options.SetRequestHeader("Authorization", new AuthenticationHeaderValue("Bearer", _token).ToString());
            }

            await socket.ConnectAsync(peer.Web!.Uri, _client, cancellationToken).ConfigureAwait(false);
            return new WebSocketLink(socket, peer);
        }
        catch (WebSocketException error)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            if (status is >= HttpStatusCode.OK)
            {
                throw new LinkRefusedException(status, error);
            }

            // That nobody listens is evidence about the peer, and known by the socket's own error.
            throw error.GetBaseException() is SocketException reason ? reason : error;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class Opening(WebDialer dialer, NodeEndpoint peer) : ILinkOpening
    {
        public ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken) => dialer.OpenAsync(peer, cancellationToken);

        public void Dispose()
        {
            // Nothing was opened.
        }
    }
}
