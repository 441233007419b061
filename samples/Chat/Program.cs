// A terminal chat without a server. Each terminal is a node: what you type goes to all, and to leave is to be known to have left.
//
//   dotnet run --project samples/Chat -- --name ana                          finds the other chats of this machine
//   dotnet run --project samples/Chat -- --name ben --join 127.0.0.1:11511   joins through one that is named
//   dotnet run --project samples/Chat -- --demo                              three people chat in one process, and go
//
// Room.cs is the chat: names are metadata, lines are broadcasts, /dm is a message to one node. Standard input may be a file.

using Chat;
using Gossip;

const int Success = 0;
const int Failure = 1;
const int UsageError = 2;

var arguments = Arguments.Parse(args);
if (arguments.Help || arguments.Error is not null)
{
    (arguments.Error is null ? Console.Out : Console.Error).WriteLine(arguments.Error is null ? Arguments.Usage : $"{arguments.Error}\n{Arguments.Usage}");
    return arguments.Error is null ? Success : UsageError;
}

if (arguments.Demo)
{
    return await Demo.RunAsync() ? Success : Failure;
}

try
{
    await using var room = await Room.EnterAsync(arguments.Name, arguments.Bind, arguments.Join, Console.Out);
    while (Console.ReadLine() is { } line && await room.DoAsync(line))
    {
    }

    return Success;
}
catch (GossipException e)
{
    Console.Error.WriteLine(e.Message);
    return Failure;
}
