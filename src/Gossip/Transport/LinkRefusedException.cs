using System.Net;

namespace Gossip.Transport;

/// <summary>A web server answered a dial, and opened no link: it asks for another token, knows no such path, or has no room.</summary>
internal sealed class LinkRefusedException(HttpStatusCode status, Exception? inner)
    : IOException($"The web server there refused the connection with status {(int)status} ({status}).", inner)
{
    public HttpStatusCode Status => status;

    /// <summary>True when the token was the reason.</summary>
    public bool IsAboutToken => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
}
