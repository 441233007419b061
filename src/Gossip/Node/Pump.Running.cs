namespace Gossip.Node;

/// <content>What the pump does when it runs: one batch of what waits, and then what the engine asks for.</content>
internal sealed partial class Pump
{
    /// <summary>Handles one batch; what came meanwhile is left to the pool, so that nobody is kept from his own work for long.</summary>
    private void Run()
    {
        try
        {
            if (!_stopping)
            {
                HandleBatch();
            }
        }
        catch (Exception e)
        {
            // Nothing that arrives may get here; if it does, the node must not go on as if it were well.
            _stopping = true;
            _owner.OnPumpFailed(e);
        }

        if (_stopping)
        {
            RefuseTheRest();
            _ended.TrySetResult();
            return;
        }

        Interlocked.Exchange(ref _taken, 0);
        if (_stopping || _queue.Reader.TryPeek(out _))
        {
            Wake(here: false);
        }
    }

    private void HandleBatch()
    {
        for (var i = 0; i < BatchSize && _outbox.Size < FlushBytes && _queue.Reader.TryRead(out var item); i++)
        {
            Handle(item);
            item.Return();
        }

        Flush();
    }

    /// <summary>Whoever still waits is told, and nobody can begin to wait.</summary>
    private void RefuseTheRest()
    {
        _queue.Writer.TryComplete();
        foreach (var call in _calls)
        {
            call.Fail(new GossipStateException("The call", GossipNodeState.Stopped));
        }

        while (_queue.Reader.TryRead(out var item))
        {
            item.Call?.Fail(new GossipStateException("The call", GossipNodeState.Stopped));
            item.Return();
        }
    }

    private void Handle(in PumpItem item)
    {
        if (item.Call is not null)
        {
            _calls.Add(item.Call); // first of all, so that whatever fails below, whoever waits is told
        }

        var now = Now;
        switch (item.Kind)
        {
            case PumpItemKind.Packet:
                _engine.OnPacket(now, new PacketSource(item.Endpoint, item.ConnectionId), item.Buffer.AsSpan(0, item.Length));
                if (item.ConnectionId != 0)
                {
                    SlotsFor(item.Length).Release();
                }

                Links.Bind(item, _engine.Table);
                break;
            case PumpItemKind.Undeliverable:
                _engine.OnUndeliverable(now, item.Endpoint, refused: false);
                break;
            case PumpItemKind.Refused:
                _engine.OnUndeliverable(now, item.Endpoint, refused: true);
                break;
            case PumpItemKind.Disconnected:
                _engine.OnDisconnected(now, item.Endpoint);
                break;
            case PumpItemKind.Closed:
                _engine.OnClosed(now, item.Endpoint);
                break;
            case PumpItemKind.SendFailed:
                _engine.OnSendFailed(now);
                break;
            case PumpItemKind.Call:
                item.Call!.Run(_engine, now);
                break;
            default:
                break; // a wake-up: the tick below does the work
        }
    }

    /// <summary>Lets time pass for the engine, then carries out everything that it asked for.</summary>
    private void Flush()
    {
        if (_engine.NextDeadline <= Clock.Ticks)
        {
            _engine.OnTick(Now);
        }

        // Handling an event may replace the engine, and so fill the outbox again.
        while (_outbox.Transmits.Count > 0 || _outbox.Events.Count > 0 || _outbox.ViewChanged)
        {
            Links.Transmit(_outbox);
            var events = _outbox.Events.ToArray();
            var viewChanged = _outbox.ViewChanged;
            _outbox.Clear();
            if (viewChanged)
            {
                _owner.OnViewChanged(_engine);
            }

            foreach (var engineEvent in events)
            {
                if (engineEvent is { Kind: EngineEventKind.StateChanged, Before: not (MemberState.Joining or MemberState.Left), After: MemberState.Dead })
                {
                    Links.Disconnect(engineEvent.Subject, engineEvent.Endpoint);
                }

                _owner.OnEngineEvent(engineEvent);
            }
        }

        foreach (var call in _calls)
        {
            call.Complete();
        }

        _calls.Clear();
        _timer.Arm(_engine.NextDeadline);
    }

    private void OnTimer()
    {
        _queue.Writer.TryWrite(new PumpItem(PumpItemKind.Wake));
        Wake(here: true);
    }
}
