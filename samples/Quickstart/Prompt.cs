using Gossip;
using Quickstart.Nodes;

namespace Quickstart;

/// <summary>After the tour: drives the nodes by hand. Commands go to the current node, which <c>use</c> changes.</summary>
internal sealed class Prompt(Cluster cluster, Screen screen)
{
    private const string Help =
        """
        use <node>                 talk to alpha, beta or gamma
        members                    all members, as this node sees them
        tags                       the tags of all members
        set <key> <value>          set metadata of this node: numbers, true/false and times keep their type
        get <key>                  the value of every member
        delete <key>               delete metadata of this node
        tag add|remove <tag>       change the tags of this node
        send <tag> <text>          send a message to a tag
        inbox                      what this node has received
        request <node> <text>      ask a node
        explain <node>             why this node believes about another what it believes
        kill <node>, leave <node>  end a process without a word, or with one
        start <node>               start it again
        exit
        """;

    private static readonly string[] Names = ["alpha", "beta", "gamma"];

    private string _current = Names[0];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        screen.Gap();
        screen.Heading("Now you");
        await StartAsync("gamma", cancellationToken);
        screen.Say("gamma is back. 'help' lists what you can do, 'exit' ends the three processes.");
        while (true)
        {
            Console.Write($"{_current}> ");

            // Standard input cannot be interrupted; Ctrl+C must not wait for a line.
            var line = await Task.Run(Console.ReadLine, cancellationToken).WaitAsync(cancellationToken);
            var words = line?.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (words)
            {
                case null or ["exit"]:
                    return;
                case []:
                    break;
                default:
                    try
                    {
                        await DoAsync(words, cancellationToken);
                    }
                    catch (ClaimException e)
                    {
                        screen.Failure(e.Message);
                    }

                    break;
            }
        }
    }

    private Task DoAsync(string[] words, CancellationToken token) => words switch
    {
        ["help"] => Show(() => Console.WriteLine(Help)),
        ["use", var name] => Show(() => _current = cluster[name].Name),
        ["members"] => Show(() => screen.Members(cluster[_current].Latest())),
        ["tags"] => Show(() => ShowOfEach("tags", peer => string.Join(", ", peer.Tags))),
        ["get", var key] => Show(() => ShowOfEach(key, peer => peer.Metadata.TryGetValue(key, out var value) ? $"{value.Text} ({value.Kind})" : "")),
        ["set", var key, var value] => cluster[_current].TellAsync(Verb.Set, token, key, value),
        ["delete", var key] => cluster[_current].TellAsync(Verb.Delete, token, key),
        ["tag", "add", var tag] => cluster[_current].TellAsync(Verb.AddTag, token, tag),
        ["tag", "remove", var tag] => cluster[_current].TellAsync(Verb.RemoveTag, token, tag),
        ["send", var tag, var text] => SendAsync(tag, text, token),
        ["inbox"] => ShowInboxAsync(token),
        ["request", var name, var text] => RequestAsync(name, text, token),
        ["explain", var name] => ExplainAsync(name, token),
        ["kill", var name] => EndAsync(name, node => Show(node.Kill), token),
        ["leave", var name] => EndAsync(name, node => node.TellAsync(Verb.Leave, token), token),
        ["start", var name] => StartAsync(name, token),
        _ => Show(() => screen.Failure($"'{string.Join(' ', words)}' is no command; 'help' lists them.")),
    };

    private static Task Show(Action show)
    {
        show();
        return Task.CompletedTask;
    }

    private void ShowOfEach(string what, Func<Peer, string> value) =>
        screen.Table(["member", what], cluster[_current].Latest().Peers.Select(peer => new[] { peer.Name, value(peer) }));

    private async Task SendAsync(string tag, string text, CancellationToken token)
    {
        var receipts = await cluster[_current].AskAsync<Receipt[]>(Verb.Send, token, tag, text);
        screen.Table(
            ["target", "outcome"],
            receipts.Select(receipt => new[] { cluster.NameOf(receipt.Id), receipt.Error ?? receipt.Outcome.ToString() }));
    }

    private async Task ShowInboxAsync(CancellationToken token)
    {
        var inbox = await cluster[_current].AskAsync<Received[]>(Verb.Inbox, token);
        screen.Table(["from", "text"], inbox.Select(message => new[] { cluster.NameOf(message.From), message.Text }));
    }

    private async Task RequestAsync(string name, string text, CancellationToken token)
    {
        var reply = await cluster[_current].AskAsync<ReplyText>(Verb.Request, token, IdOf(name), text);
        screen.Say($"'{reply.Text}', says process {reply.ProcessId}");
    }

    private async Task ExplainAsync(string name, CancellationToken token)
    {
        var reasons = await cluster[_current].AskAsync<Reasons?>(Verb.Explain, token, IdOf(name));
        screen.Reasons($"{_current} on {name}", reasons is null ? "nothing is known" : cluster.WithNames(reasons.Text));
    }

    private async Task EndAsync(string name, Func<NodeProcess, Task> end, CancellationToken token)
    {
        var node = cluster[name];
        await end(node);
        await node.WaitForExitAsync(token);
        await cluster.RemoveAsync(node);
        _current = cluster.Running.FirstOrDefault()?.Name ?? _current;
    }

    private async Task StartAsync(string name, CancellationToken token)
    {
        ClaimException.Unless(Names.Contains(name), $"there are {string.Join(", ", Names)}");
        ClaimException.Unless(cluster.Running.All(node => node.Name != name), $"{name} runs already");
        await cluster.StartAsync(cluster.Plan(name, cluster.Running.FirstOrDefault()?.Latest().Local.Address), token);
    }

    private string IdOf(string name) => cluster[_current].Latest().Peers
        .OrderBy(peer => peer.State == MemberState.Alive ? 0 : 1)
        .FirstOrDefault(peer => peer.Name == name)?.Id ?? throw new ClaimException($"{_current} knows no '{name}'");
}
