namespace Quickstart;

/// <summary>Something that the tour claimed did not come true.</summary>
internal sealed class ClaimException(string message) : Exception(message)
{
    public static void Unless(bool claim, string message)
    {
        if (!claim)
        {
            throw new ClaimException(message);
        }
    }
}
