namespace Gossip.Tests.Hostile;

/// <summary>Texts that somebody might have meant as something else: for parsers of options.</summary>
internal static class MutatedText
{
    private const int Count = 100_000;
    private const int MaxEdits = 3;
    private const string Letters = "0123456789abcdefABCDEF:/.%+=- \0\n\u00e4xyzg";

    /// <summary>Each of the seeds many times, with a few characters changed, lost, doubled or cut off.</summary>
    public static IEnumerable<string> Of(params string[] seeds)
    {
        var random = new Random(Fuzz.Seed);
        for (var i = 0; i < Count; i++)
        {
            var text = seeds[random.Next(seeds.Length)].ToList();
            for (var edits = random.Next(MaxEdits + 1); edits > 0 && text.Count > 0; edits--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(4))
                {
                    case 0:
                        text[at] = Letters[random.Next(Letters.Length)];
                        break;
                    case 1:
                        text.RemoveAt(at);
                        break;
                    case 2:
                        text.Insert(at, text[at]);
                        break;
                    default:
                        text.RemoveRange(at, random.Next(text.Count - at));
                        break;
                }
            }

            yield return new string([.. text]);
        }
    }
}
