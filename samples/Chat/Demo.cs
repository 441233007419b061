namespace Chat;

/// <summary>Three people chat in one process, and what they see is checked.</summary>
internal static class Demo
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    /// <summary>Any free port of this machine, so that several demos can run at once.</summary>
    private const string AnyPort = "127.0.0.1:0";

    /// <summary>Runs the demo.</summary>
    /// <returns>Whether everybody saw what they should.</returns>
    public static async Task<bool> RunAsync()
    {
        try
        {
            var succeeded = await ChatAsync().WaitAsync(Patience);
            Console.WriteLine(succeeded ? "Everybody saw what they should." : "Somebody saw what was not meant for them.");
            return succeeded;
        }
        catch (TimeoutException)
        {
            Console.WriteLine("Somebody did not see what they should.");
            return false;
        }
    }

    private static async Task<bool> ChatAsync()
    {
        using Transcript seenByAna = new("ana"), seenByBen = new("ben"), seenByCyn = new("cyn"), seenByOther = new("other ben");
        await using var ana = await Room.EnterAsync("ana", AnyPort, join: null, seenByAna);
        await using var ben = await Room.EnterAsync("ben", AnyPort, ana.Address, seenByBen);
        await using var cyn = await Room.EnterAsync("cyn", AnyPort, ana.Address, seenByCyn);
        await seenByAna.WhenAsync("* ben is here");
        await seenByAna.WhenAsync("* cyn is here");
        await seenByBen.WhenAsync("* cyn is here");

        await ana.DoAsync("Good morning!");
        await seenByBen.WhenAsync("ana: Good morning!");
        await seenByCyn.WhenAsync("ana: Good morning!");

        await seenByBen.WhenAsync("* ana is here");
        await ben.DoAsync("/dm ana a secret");
        await seenByAna.WhenAsync("ben (to you): a secret");
        await ben.DoAsync("/dm dan hello?");
        await seenByBen.WhenAsync("Nobody here is called 'dan'");

        await cyn.DoAsync("/leave");
        await seenByAna.WhenAsync("* cyn left");
        await cyn.DoAsync("Can you hear me?");
        await cyn.DoAsync($"/join {ana.Address}");
        await seenByAna.WhenAsync("* cyn is here", times: 2);

        await using var other = await Room.EnterAsync("ben", AnyPort, ana.Address, seenByOther);
        await seenByAna.WhenAsync("* ben is here", times: 2);
        await ana.DoAsync("/dm ben which of you?");
        await seenByAna.WhenAsync("2 people are called 'ben'");
        await ana.DoAsync("/who");
        return seenByCyn.Count("secret") == 0 && seenByAna.Count("Can you hear me?") == 0 && seenByBen.Count("which of you") == 0;
    }
}
