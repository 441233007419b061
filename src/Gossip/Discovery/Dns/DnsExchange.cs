using System.Net;

namespace Gossip.Discovery.Dns;

/// <summary>One question to one server, to be sent.</summary>
internal sealed record DnsAttempt(IPEndPoint Server, ushort Id, bool OverTcp);

/// <summary>
/// One question and whom to ask it next: server after server, round after round, and over TCP where an answer was cut. It believes only what has the number and the question of the
/// attempt that is under way; the number is drawn for each, and so is the port, so that nobody answers who did not see the question.
/// </summary>
internal sealed class DnsExchange
{
    private readonly DnsQuestion _question;
    private readonly IReadOnlyList<IPEndPoint> _servers;
    private readonly int _attempts;
    private readonly Func<ushort> _nextId;
    private readonly List<string> _problems = [];
    private int _asked;

    public DnsExchange(in DnsQuestion question, DnsSettings settings, Func<ushort> nextId)
    {
        _question = question;
        _servers = settings.Servers;
        _attempts = settings.Attempts * settings.Servers.Count;
        _nextId = nextId;
        Advance();
    }

    /// <summary>What to send now; null when there is an answer, or nobody is left to ask.</summary>
    public DnsAttempt? Next { get; private set; }

    /// <summary>The answer: that there are records, or that there are none.</summary>
    public DnsResponse? Response { get; private set; }

    /// <summary>What the last server said that was there and could not, or would not, answer; null when none was there.</summary>
    public DnsResponse? Refusal { get; private set; }

    /// <summary>What went wrong, server by server, when there is no answer.</summary>
    public string Problem => _problems.Count > 0 ? string.Join("; ", _problems.Distinct(StringComparer.Ordinal)) : "no DNS server is known";

    /// <summary>Takes what a server sent; false when it answers something else, and the answer is still to come.</summary>
    public bool OnReply(ReadOnlySpan<byte> bytes)
    {
        if (Next is not { } attempt || !DnsFormat.TryReadResponse(bytes, out var response) || response.Id != attempt.Id || response.Question != _question)
        {
            return false;
        }

        if (response.IsTruncated)
        {
            if (attempt.OverTcp)
            {
                OnFailed("it cut its answer over TCP, too");
            }
            else
            {
                Next = new DnsAttempt(attempt.Server, _nextId(), OverTcp: true);
            }
        }
        else if (response.Code is DnsCode.NoError or DnsCode.NoSuchName)
        {
            Response = response;
            Next = null;
        }
        else
        {
            Refusal = response;
            OnFailed($"it answered {response.Code}");
        }

        return true;
    }

    /// <summary>Takes that the attempt failed.</summary>
    public void OnFailed(string problem)
    {
        if (Next is { } attempt)
        {
            _problems.Add($"{attempt.Server}: {problem}");
            Advance();
        }
    }

    private void Advance()
    {
        Next = _asked < _attempts ? new DnsAttempt(_servers[_asked % _servers.Count], _nextId(), OverTcp: false) : null;
        _asked++;
    }
}
