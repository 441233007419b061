namespace Gossip;

/// <summary>The ranges of message type numbers: who may use which.</summary>
public static class MessageTypeNumber
{
    /// <summary>The first number for libraries built on this one; the numbers below belong to the engine.</summary>
    public const int FirstLibrary = 64;

    /// <summary>The first number for applications.</summary>
    public const int FirstUser = 128;

    /// <summary>The highest number.</summary>
    public const int Max = 65535;

    /// <summary>Refuses numbers that are not for callers of the public API.</summary>
    internal static int Checked(int number) => number is >= FirstLibrary and <= Max
        ? number
        : throw new MessageTypeException(
            $"{number} is not usable as a message type: choose a number from {FirstUser} to {Max} (libraries: from {FirstLibrary}); lower numbers belong to the engine.");
}
