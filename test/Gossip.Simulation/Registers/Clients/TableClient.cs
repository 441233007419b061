using Gossip.Agreement;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>
/// One user of the table: reads, and tries to change what it read, again and again. A change is sent under one name until it is answered or given up; whoever
/// answers, the answer must be the true one.
/// </summary>
internal sealed class TableClient(RegisterWorld world, RegisterNode node)
{
    private const int ReadsBeforeRound = 2;
    private const int KeptOutstanding = 5;
    private const double UpdateChance = 0.6;
    private const double RemoveChance = 0.08;
    private const double ReadOnlyChance = 0.25;
    private static readonly TimeSpan ThinkMax = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private readonly List<AcceptorRequest> _requests = [];
    private RegisterValue? _known;
    private QuorumRead? _read;
    private TableOperation? _operation;
    private Change? _change;
    private NodeInstance _leader;
    private ulong _lastTag;
    private ulong _lastSequence;
    private int _attempt;
    private int _reads;
    private int _tries;
    private long _deadline;

    /// <summary>How many changes and reads were answered.</summary>
    public int Answered { get; private set; }

    public void Begin() => Later(ThinkMax, NextRead);

    public void OnReply(AcceptorReply reply)
    {
        if (_read is not { } read)
        {
            return;
        }

        var status = read.OnReply(reply, out var value);
        if (world.Plant.BelievesOneReplica && reply is Report { News: { } news } && news.From(_known) is { } first)
        {
            (status, value) = (ReadStatus.Current, first);
        }

        switch (status)
        {
            case ReadStatus.Current when value!.Lineage.IsNone:
                Again(ReadTimeout);
                break;
            case ReadStatus.Current:
                world.Counts.Count(Happening.Read);
                OnRead(value!);
                break;
            case ReadStatus.Moved when value is not null:
                var opening = value.Open();
                node.Proposer.Follow(world.Now, opening.Id(default), opening.Configuration, opening);
                node.Drain();
                Again(TimeSpan.FromTicks(1));
                break;
            case ReadStatus.Moved when reply is Moved moved:
                node.Hear(moved.Register, moved.Configuration, Ballot.None);
                Again(TimeSpan.FromTicks(1));
                break;
            case ReadStatus.Undecided or ReadStatus.Missing:
                _reads++;
                Again(TimeSpan.FromTicks(1));
                break;
        }
    }

    public void OnSettled(int attempt, Verdict verdict, ReadOnlyMemory<byte> result, ReadOnlyMemory<byte>? value, NodeInstance leader)
    {
        if (attempt != _attempt || _change is not { } change)
        {
            return;
        }

        switch (verdict)
        {
            case Verdict.Decided when change.Body.IsEmpty:
                if (value is not { } bytes || !world.Values.TryRead(bytes.Span, out var read))
                {
                    throw new ViolationException("codec", "a value cannot be read");
                }

                _change = null;
                world.Counts.Count(Happening.ReadByRound);
                OnRead(read);
                break;
            case Verdict.Decided:
                if (!TableFormat.TryReadResult(result.Span, out var outcome))
                {
                    throw new ViolationException("codec", "a result cannot be read");
                }

                _change = null;
                OnChanged(outcome);
                break;
            case Verdict.Void:
                throw new ViolationException("void", $"{change.Id} is void, although its client waits for it");
            case Verdict.NotLeader when leader.Id != default && leader.Id != _leader.Id:
                _leader = leader;
                Retry();
                break;
            default:
                _leader = default;
                Retry();
                break;
        }
    }

    private void NextRead()
    {
        if (_operation is null && _read is null)
        {
            _operation = world.History.Begin(node.Index, TableOperationKind.Read, world.Now);
            _deadline = world.Now + Patience.Ticks;
            _reads = 0;
            Look();
        }
    }

    private void Look()
    {
        if (world.Now > _deadline)
        {
            GiveUp();
            return;
        }

        if (node.Proposer.Configuration is not { } configuration)
        {
            Again(ReadTimeout);
            return;
        }

        if (_reads >= ReadsBeforeRound)
        {
            _read = null;
            Submit(ReadOnlyMemory<byte>.Empty);
            return;
        }

        var nearest = configuration.Acceptors[world.Random.Next(configuration.Acceptors.Length)];
        _read = QuorumRead.Begin(node.Proposer.Register, configuration, _known, nearest, ++_lastTag, _requests);
        foreach (var request in _requests)
        {
            node.SendRequest(request, isRead: true);
        }

        _requests.Clear();
        var tag = _lastTag;
        Later(ReadTimeout, exactly: true, () =>
        {
            if (_read is not null && _lastTag == tag)
            {
                _reads++;
                Look();
            }
        });
    }

    private void Again(TimeSpan pause)
    {
        var tag = ++_lastTag;
        Later(pause, exactly: true, () =>
        {
            if (_operation is not null && _change is null && _lastTag == tag)
            {
                Look();
            }
        });
    }

    private void OnRead(RegisterValue value)
    {
        _read = null;
        _known = value;
        var table = (TableState)value.State;
        Answered++;
        (_operation!.Ended, _operation.Seen) = (world.Now, table);
        _operation = null;
        if (world.Chance(ReadOnlyChance))
        {
            Later(ThinkMax, NextRead);
            return;
        }

        var change = Draw(table, out var operation);
        _operation = operation;
        _deadline = world.Now + Patience.Ticks;
        Submit(TableFormat.Encode(change));
    }

    private TableChange Draw(TableState table, out TableOperation operation)
    {
        var text = $"{node.Index}.{node.Life}.{_lastSequence + 1}";
        if (table.Rows.Count > 0 && world.Chance(RemoveChance))
        {
            var (key, row) = table.Rows.ElementAt(world.Random.Next(table.Rows.Count));
            operation = world.History.Begin(node.Index, TableOperationKind.Remove, world.Now);
            (operation.Key, operation.RowStamp) = (key, row.Stamp);
            return new RemoveRows([(key, row.Stamp)]);
        }

        var value = System.Text.Encoding.UTF8.GetBytes(text);
        if (table.Rows.Count > 0 && world.Chance(UpdateChance))
        {
            var (key, row) = table.Rows.ElementAt(world.Random.Next(table.Rows.Count));
            operation = world.History.Begin(node.Index, TableOperationKind.Update, world.Now);
            (operation.Key, operation.RowStamp, operation.Value, operation.Expected) = (key, row.Stamp, text, table.Version);
            return new UpdateRow(table.Version, key, row.Stamp, value, IsTerminal: false);
        }

        operation = world.History.Begin(node.Index, TableOperationKind.Insert, world.Now);
        (operation.Key, operation.Value, operation.Expected) = ($"row-{text}", text, table.Version);
        return new InsertRow(table.Version, operation.Key, value, IsTerminal: false, Floor: 0);
    }

    private void Submit(ReadOnlyMemory<byte> body)
    {
        var sequence = ++_lastSequence;
        var first = world.Chance(UpdateChance) || sequence <= KeptOutstanding ? 1 : sequence - KeptOutstanding;
        _change = new Change(new ChangeId(node.Instance, sequence), first, body);
        _tries = 0;
        Try();
    }

    private void Try()
    {
        if (world.Now > _deadline)
        {
            GiveUp();
            return;
        }

        var attempt = ++_attempt;
        var leader = world.Nodes.Find(other => other.Id == _leader.Id);
        var target = leader ?? (_tries == 0 ? node : world.Nodes[world.Random.Next(world.Nodes.Count)]);
        var insist = _tries > 1 && leader is null;
        if (_tries++ > 0)
        {
            world.Counts.Count(Happening.Retry);
        }

        var (client, life, deadline) = (node.Index, node.Life, world.Now + (2 * AttemptTimeout.Ticks));
        var bytes = BatchFormat.Encode(new Batch { Changes = [_change!] });
        world.Network.Send(client, target.Index, other => other.OnSubmit(client, life, attempt, bytes, deadline, insist));
        Later(AttemptTimeout, exactly: true, () =>
        {
            if (_attempt == attempt && _change is not null)
            {
                _leader = default;
                Try();
            }
        });
    }

    private void Retry()
    {
        var attempt = ++_attempt;
        Later(RetryPause, exactly: false, () =>
        {
            if (_attempt == attempt && _change is not null)
            {
                Try();
            }
        });
    }

    private void OnChanged(TableResult result)
    {
        Answered++;
        world.Counts.Count(result.Outcome == TableOutcome.Done ? Happening.Commit : Happening.LostRace);
        (_operation!.Ended, _operation.Result) = (world.Now, result);
        _operation = null;
        Later(ThinkMax, NextRead);
    }

    /// <summary>Whether it happens, or happened, nobody tells this client any more.</summary>
    private void GiveUp()
    {
        world.Counts.Count(Happening.Unknown);
        (_operation, _change, _read, _leader) = (null, null, null, default);
        _attempt++;
        Later(ThinkMax, NextRead);
    }

    private void Later(TimeSpan most, Action action) => Later(most, exactly: false, action);

    private void Later(TimeSpan most, bool exactly, Action action)
    {
        var life = node.Life;
        world.After(exactly ? most : world.Between(TimeSpan.Zero, most), () => node.Receive(life, _ => action()));
    }
}
