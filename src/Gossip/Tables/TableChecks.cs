using System.Text;

namespace Gossip.Tables;

/// <summary>Refuses what no table can hold, before anything is sent.</summary>
internal static class TableChecks
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The key is empty, or no text.</exception>
    /// <exception cref="TableLimitException">It is too long.</exception>
    public static void DemandKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var bytes = 0;
        try
        {
            bytes = StrictUtf8.GetByteCount(key);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The key is text that is not valid Unicode: half a surrogate pair is no character.", nameof(key), e);
        }

        // What is damaged on its way comes as this character, so it cannot be part of a key.
        if (key.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new ArgumentException("The key contains the replacement character U+FFFD, which stands for text that is not valid.", nameof(key));
        }

        if (bytes > TableLimits.MaxKeyBytes)
        {
            throw new TableLimitException("The length in bytes of the key", bytes, TableLimits.MaxKeyBytes, "Use a shorter key.");
        }
    }

    /// <exception cref="TableLimitException">The row is too large.</exception>
    public static void DemandRow(ReadOnlyMemory<byte> value)
    {
        if (value.Length > TableLimits.MaxRowBytes)
        {
            throw new TableLimitException("The size in bytes of the row", value.Length, TableLimits.MaxRowBytes, "Store less in a row; the table is for what all members must agree on.");
        }
    }
}
