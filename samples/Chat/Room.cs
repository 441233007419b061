using Gossip;

namespace Chat;

/// <summary>Something said to all.</summary>
internal sealed record Said(string Text);

/// <summary>Something said to one.</summary>
internal sealed record Whispered(string Text);

/// <summary>One person's place in the chat: a node, and what is typed and printed there.</summary>
internal sealed class Room : IAsyncDisposable
{
    /// <summary>The metadata key under which a node says whose it is.</summary>
    private const string NameKey = "name";

    /// <summary>Between a name and the beginning of an identity, where several people have one name.</summary>
    private const char Distinction = '#';

    private const string Help =
        """
        Whatever you type goes to all. Commands:
          /dm <name> <text>   to one person only
          /who                who is here
          /leave              leave, and stay in the program
          /join <address>     join, at any time
          /quit               leave and end
        """;

    private readonly GossipNode _node;
    private readonly TextWriter _output;
    private readonly Task _announcing;

    private Room(GossipNode node, string name, TextWriter output)
    {
        _node = node;
        _output = output;
        node.Messages.Handle<Said>((said, context, _) =>
        {
            Print($"{NameOf(context.Sender.Id)}: {said.Text}");
            return ValueTask.CompletedTask;
        });
        node.Messages.Handle<Whispered>((whispered, context, _) =>
        {
            Print($"{NameOf(context.Sender.Id)} (to you): {whispered.Text}");
            return ValueTask.CompletedTask;
        });
        Print($"You are {name} at {Address}. /help lists the commands.");
        _announcing = Announcer.RunAsync(node, NameOf, Print);
    }

    /// <summary>Where others can join.</summary>
    public string Address => _node.View.Local.Address.ToString();

    /// <summary>Whether a name can be typed after /dm.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.Any(letter => char.IsWhiteSpace(letter) || letter == Distinction);

    /// <summary>Starts a node and joins the others.</summary>
    public static async Task<Room> EnterAsync(string name, string? bind, string? join, TextWriter output)
    {
        var options = new GossipOptions { ClusterName = "chat", BindAddress = bind, Profile = GossipProfile.Local };
        options.Metadata[NameKey] = name;
        options.MessageTypes.Register<Said>(MessageTypeNumber.FirstUser);
        options.MessageTypes.Register<Whispered>(MessageTypeNumber.FirstUser + 1);
        if (join is not null)
        {
            options.Seeds.Add(join);
        }

        return new Room(await GossipNode.StartAsync(options), name, TextWriter.Synchronized(output));
    }

    /// <summary>Does what a line says.</summary>
    /// <returns>False when it says to end.</returns>
    public async Task<bool> DoAsync(string line)
    {
        try
        {
            // The text of /dm may have spaces, and is the third part.
            switch (line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                case []:
                    break;
                case ["/quit", ..]:
                    return false;
                case ["/help", ..]:
                    Print(Help);
                    break;
                case ["/who", ..]:
                    ShowWho();
                    break;
                case ["/dm", var name, var text]:
                    await WhisperAsync(name, text);
                    break;
                case ["/leave", ..]:
                    await _node.LeaveAsync();
                    Print("You left. /join <address> takes you back.");
                    break;
                case ["/join", var address]:
                    await JoinAsync(address);
                    break;
                case [['/', ..], ..]:
                    Print($"'{line}' is no command; /help lists them.");
                    break;
                default:
                    await SayAsync(line.Trim());
                    break;
            }
        }
        catch (GossipException e)
        {
            Print(e.Message);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _announcing;
    }

    private async Task SayAsync(string text)
    {
        var result = await _node.Messages.SendAsync(Target.All, new Said(text));
        if (result.IsEmpty)
        {
            Print("Nobody else is here.");
        }

        Report(result);
    }

    private async Task WhisperAsync(string name, string text)
    {
        var found = Find(name);
        switch (found)
        {
            case []:
                Print($"Nobody here is called '{name}'; /who lists who is here.");
                break;
            case [{ IsLocal: true }]:
                Print("That is you.");
                break;
            case [var member]:
                Report(await _node.Messages.SendAsync(Target.Node(member.Id), new Whispered(text)));
                break;
            default:
                Print($"{found.Length} people are called '{name}': write {string.Join(" or ", found.Select(FullName))} instead.");
                break;
        }
    }

    private async Task JoinAsync(string address)
    {
        var result = (await _node.JoinAsync([address]))[0];
        Print(result.Succeeded ? $"You joined through {address}." : result.Error!.Message);
    }

    private void ShowWho()
    {
        foreach (var member in People())
        {
            Print($"  {FullName(member)} at {member.Address}{(member.IsLocal ? " (you)" : "")}");
        }
    }

    private void Report(SendResult result)
    {
        foreach (var failed in result.Targets.Where(target => !target.Succeeded))
        {
            Print($"({NameOf(failed.Target.Id)} did not get it: {failed.Error})");
        }
    }

    private ClusterMember[] Find(string name) =>
        [.. People().Where(member => member.Metadata.ConvertOr(NameKey, "") == name || FullName(member) == name)];

    private IEnumerable<ClusterMember> People() => _node.View.WithMetadata(NameKey);

    private string NameOf(NodeId id) => _node.View.Find(id) is { } member ? NameOf(member) ?? id.Prefix : id.Prefix;

    private static string? NameOf(ClusterMember member) => member.Metadata.TryGet<string>(NameKey, out var name) ? name : null;

    private static string FullName(ClusterMember member) => $"{NameOf(member)}{Distinction}{member.Id.Prefix}";

    private void Print(string text) => _output.WriteLine(text);
}
