using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Gossip.Tests;

/// <summary>Skips a test and prints why: of a skipped test the test command prints only the name, but it prints diagnostic messages.</summary>
internal static class Skipping
{
    [DoesNotReturn]
    public static void Because(string reason)
    {
        TestContext.Current.SendDiagnosticMessage($"{TestContext.Current.Test?.TestDisplayName} is skipped: {reason}");
        Assert.Skip(reason);
    }

    public static void Unless([DoesNotReturnIf(false)] bool condition, string reason)
    {
        if (!condition)
        {
            Because(reason);
        }
    }
}
