namespace Gossip.Agreement;

/// <summary>Counts one phase of a ballot: who agreed, who refused, who was not heard of yet.</summary>
internal sealed class Votes
{
    private readonly HashSet<AcceptorId> _for = [];
    private readonly HashSet<AcceptorId> _against = [];
    private Configuration _configuration = new(0, []);

    public bool IsWon => _for.Count >= _configuration.Majority;

    /// <summary>Too many refused: no majority can agree any more.</summary>
    public bool IsLost => _configuration.Acceptors.Length - _against.Count < _configuration.Majority;

    /// <summary>Somebody refused: he never agrees to this ballot any more.</summary>
    public bool IsOpposed => _against.Count > 0;

    /// <summary>Who has not agreed yet, and may.</summary>
    public IEnumerable<AcceptorId> Missing => _configuration.Acceptors.Where(acceptor => !_for.Contains(acceptor) && !_against.Contains(acceptor));

    public void Begin(Configuration configuration)
    {
        _configuration = configuration;
        _for.Clear();
        _against.Clear();
    }

    public void Agree(AcceptorId acceptor) => _ = _configuration.Contains(acceptor) && _for.Add(acceptor);

    public void Refuse(AcceptorId acceptor) => _ = _configuration.Contains(acceptor) && _against.Add(acceptor);
}
