// A file goes from one node to another as a stream, as fast as the other writes it down, while both go on talking; the answer comes back on the same stream.
//
//   dotnet run --project samples/Streams

using System.Diagnostics;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Gossip;
using Samples;

const int Copy = MessageTypeNumber.FirstUser;
const int Question = MessageTypeNumber.FirstUser + 1;
const int Endless = MessageTypeNumber.FirstUser + 2;
const int Size = 64 << 20;
const int Block = 64 << 10;
const int BarWidth = 40;
var promptly = TimeSpan.FromSeconds(2); // ample, for machines that have much else to do
var checklist = new Checklist();
var folder = Directory.CreateTempSubdirectory("gossip-streams-");

await using var sender = await StartAsync(null);
await using var receiver = await StartAsync(sender.View.Local.Address.ToString());
checklist.Check("found", await Checklist.WhenAsync(() => sender.View.Present.Count() == 2), "each other");

// Writes down what comes, until the sender has completed its side, and answers with the hash of what it wrote.
using var copying = receiver.Streams.Handle(Copy, async (stream, token) =>
{
    var path = Path.Combine(folder.FullName, stream.Headers["name"]);
    await using (var file = File.Create(path))
    {
        await stream.Input.CopyToAsync(file, token);
    }

    await stream.Output.WriteAsync(await HashAsync(path), token);
});
using var answering = receiver.Messages.HandleRequest(Question, static (context, _) => new(context.Payload));
using var endless = receiver.Streams.Handle(Endless, static async (stream, token) =>
{
    while (!(await stream.Output.WriteAsync(new byte[Block], token)).IsCompleted)
    {
        // The other side takes what it likes: then this waits, or ends.
    }
});

try
{
    var original = Path.Combine(folder.FullName, "original");
    await WriteRandomAsync(original);
    await CopyAsync(original, "copy");
}
finally
{
    folder.Delete(recursive: true);
}

await using (var first = await sender.Streams.OpenAsync(receiver.Id, Endless))
{
    var read = await first.Input.ReadAtLeastAsync(Block);
    first.Input.AdvanceTo(read.Buffer.End);
    await first.Input.CompleteAsync(); // enough: the writer's next flush says that it is over
    await first.Output.CompleteAsync();
}

checklist.Check("enough", await Checklist.WhenAsync(() => receiver.Streams.Count == 0), "a writer without end stopped when its reader had enough");

try
{
    await sender.Streams.OpenAsync(receiver.Id, MessageTypeNumber.Max);
}
catch (NoHandlerException error)
{
    checklist.Check("nobody there", true, error.Message);
}

await using (var broken = await sender.Streams.OpenAsync(receiver.Id, Endless))
{
    broken.Abort(new IOException("the disk is full"));
    try
    {
        await broken.Input.ReadAsync();
    }
    catch (StreamAbortedException error)
    {
        checklist.Check("aborted", error.Reason == StreamAbortReason.Aborted, error.Message);
    }
}

checklist.Check("nothing left", await Checklist.WhenAsync(() => sender.Streams.Count + receiver.Streams.Count == 0), "no stream is open any more");
return checklist.Conclude();

async Task CopyAsync(string original, string name)
{
    var start = Stopwatch.GetTimestamp();
    var options = new StreamOptions { Headers = new Dictionary<string, string> { ["name"] = name } };
    await using var stream = await sender.Streams.OpenAsync(receiver.Id, Copy, options);
    var sending = SendAsync(original, stream.Output);

    // Meanwhile both talk as ever: streams have a small share of the connection's queue.
    var (questions, slowest) = (0, TimeSpan.Zero);
    while (!sending.IsCompleted)
    {
        var asked = Stopwatch.GetTimestamp();
        await sender.Messages.RequestAsync(receiver.Id, Question, MessagePayload.FromText("are you there?"));
        slowest = Max(slowest, Stopwatch.GetElapsedTime(asked));
        questions++;
    }

    await sending;
    var took = Stopwatch.GetElapsedTime(start);
    var answer = new MemoryStream();
    await stream.Input.CopyToAsync(answer); // this side's output is complete, and the other direction still open
    checklist.Check("copied", new FileInfo(Path.Combine(folder.FullName, name)).Length == Size, $"{Size >> 20} MiB in {took.TotalSeconds:0.0} s");
    checklist.Check("meanwhile", questions > 0 && slowest < promptly, $"{questions} questions were answered, the slowest in {slowest.TotalMilliseconds:0} ms");
    var hash = await HashAsync(original);
    checklist.Check("half-closed", answer.ToArray().AsSpan().SequenceEqual(hash), $"after the last byte came the answer: SHA-256 {Convert.ToHexStringLower(hash)[..16]}…");
}

async Task SendAsync(string path, PipeWriter output)
{
    await using var file = File.OpenRead(path);
    var shown = 0;
    for (var sent = 0L; sent < Size;)
    {
        var count = await file.ReadAsync(output.GetMemory(Block)[..Block]);
        output.Advance(count);
        await output.FlushAsync(); // waits while the other side takes no more
        sent += count;
        for (; shown < sent * BarWidth / Size; shown++)
        {
            Console.Write(shown == 0 ? "  █" : "█");
        }
    }

    Console.WriteLine();
    await output.CompleteAsync();
}

static async Task WriteRandomAsync(string path)
{
    await using var file = File.Create(path);
    var block = new byte[Block];
    for (var written = 0; written < Size; written += Block)
    {
        RandomNumberGenerator.Fill(block);
        await file.WriteAsync(block);
    }
}

static async Task<byte[]> HashAsync(string path)
{
    await using var file = File.OpenRead(path);
    return await SHA256.HashDataAsync(file);
}

static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

static Task<GossipNode> StartAsync(string? seed)
{
    var options = new GossipOptions { ClusterName = "streams", BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
    if (seed is not null)
    {
        options.Seeds.Add(seed);
    }

    return GossipNode.StartAsync(options);
}
