using System.Text.Json;

namespace Orleans.Bench.Silos;

// What a silo's process and its parent say to each other, one JSON object a line: commands go in, answers come out.

/// <summary>How one silo is started.</summary>
/// <param name="Name">The silo's name.</param>
/// <param name="ClusterId">Tells its cluster from others on this machine.</param>
/// <param name="SiloPort">Where silos find it.</param>
/// <param name="GatewayPort">Where clients find it.</param>
/// <param name="Address">Where its node listens.</param>
/// <param name="Seeds">Those who found the table.</param>
/// <param name="DataDirectory">Where its share of the table outlives it; null for nowhere.</param>
/// <param name="ReportDeaths">Whether the gossip tells Orleans of deaths.</param>
/// <param name="MissedProbes">How many of Orleans' own probes a silo may miss; null for Orleans' default.</param>
internal sealed record SiloSettings(
    string Name, string ClusterId, int SiloPort, int GatewayPort, string Address, string[] Seeds, string? DataDirectory = null, bool ReportDeaths = false, int? MissedProbes = null)
{
    /// <summary>The argument that makes a program a silo; its settings follow as JSON.</summary>
    public const string Argument = "--silo";
}

/// <summary>Asks a silo something.</summary>
/// <param name="Number">Comes back in the answer.</param>
/// <param name="Verb">One of <see cref="Silos.Verb"/>.</param>
/// <param name="Word">What the verb needs.</param>
internal sealed record Command(int Number, string Verb, string Word);

/// <summary>What a silo can be asked.</summary>
internal static class Verb
{
    /// <summary>For a <see cref="SiloReport"/>.</summary>
    public const string Report = "report";

    /// <summary>When the silo's view first said that the silo of that address is dead; null before.</summary>
    public const string Death = "death";

    /// <summary>Reads the table, for its version.</summary>
    public const string Read = "read";

    /// <summary>Adds a row of a dead silo to the table, for whether it did.</summary>
    public const string Write = "write";

    /// <summary>Calls the grain of that key, for the silo where it is.</summary>
    public const string Call = "call";
}

/// <summary>The answer: a result, or an error.</summary>
internal sealed record Answer(int Number, JsonElement? Result, string? Error);

/// <summary>What a silo is, and what it believes of all.</summary>
/// <param name="Silo">Its address.</param>
/// <param name="View">The state of each silo, by address.</param>
/// <param name="IsInCharge">It has changes of the table decided.</param>
/// <param name="HasSeat">It is one of those that decide.</param>
/// <param name="Acceptors">How many decide.</param>
/// <param name="Diagnosis">What is amiss with the table.</param>
internal sealed record SiloReport(string Silo, Dictionary<string, string> View, bool IsInCharge, bool HasSeat, int Acceptors, string Diagnosis)
{
    public int Active => View.Values.Count(static state => state == "Active");
}
