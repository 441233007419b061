namespace Chat;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        Usage: Chat [--name <name>] [--join <host:port>] [--bind <ip:port>] [--demo] [--help]

          --name   who you are; default: your user name
          --join   where one of the others is; default: the other chats of this machine
          --bind   where to listen; default: loopback, at the first free port from 11511 on; port 0 is any
          --demo   three people chat in one process
          --help   this text
        """;

    public string Name { get; private init; } = Environment.UserName;

    public string? Join { get; private init; }

    public string? Bind { get; private init; }

    public bool Demo { get; private init; }

    public bool Help { get; private init; }

    public string? Error { get; private init; }

    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length && result.Error is null; i++)
        {
            var hasValue = i + 1 < args.Length;
            result = args[i] switch
            {
                "--help" or "-h" => result with { Help = true },
                "--demo" => result with { Demo = true },
                "--name" when hasValue && Room.IsName(args[i + 1]) => result with { Name = args[++i] },
                "--name" => result with { Error = "--name needs a name without spaces" },
                "--join" when hasValue => result with { Join = args[++i] },
                "--bind" when hasValue => result with { Bind = args[++i] },
                "--join" or "--bind" => result with { Error = $"{args[i]} needs an address" },
                _ => result with { Error = $"Unknown argument: {args[i]}" },
            };
        }

        return result;
    }
}
