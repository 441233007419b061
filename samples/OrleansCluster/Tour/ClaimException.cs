namespace OrleansCluster.Tour;

/// <summary>Something that the program claimed did not come true.</summary>
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
