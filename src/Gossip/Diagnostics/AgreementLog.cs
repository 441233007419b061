using Gossip.Agreement;
using Microsoft.Extensions.Logging;

namespace Gossip.Diagnostics;

/// <summary>What a node logs about the agreement.</summary>
internal static partial class AgreementLog
{
    public static void Report(ILogger logger, in AgreementEvent happening)
    {
        switch (happening.Kind)
        {
            case AgreementEventKind.Joined:
                Joined(logger, happening.Text);
                break;
            case AgreementEventKind.EpochChanged:
                EpochChanged(logger, happening.Text);
                break;
            case AgreementEventKind.Reconfiguring:
                Reconfiguring(logger, happening.Text);
                break;
            case AgreementEventKind.ReconfigurationFailed:
                ReconfigurationFailed(logger, happening.Text);
                break;
            case AgreementEventKind.StoreSuperseded:
                StoreSuperseded(logger, happening.Text);
                break;
            case AgreementEventKind.ForeignCluster:
                ForeignCluster(logger, happening.Text);
                break;
            case AgreementEventKind.Lost:
                Lost(logger, happening.Text);
                break;
            case AgreementEventKind.Superseded:
                Superseded(logger, happening.Text);
                break;
            case AgreementEventKind.RivalSuccessor:
                RivalSuccessor(logger, happening.Text);
                break;
            case AgreementEventKind.Recovering:
                Recovering(logger, happening.Text);
                break;
        }
    }

    [LoggerMessage(60, LogLevel.Information, "The table of cluster {Lineage} is known to this node.")]
    public static partial void Joined(ILogger logger, string lineage);

    [LoggerMessage(61, LogLevel.Information, "The table is decided by {Configuration}.")]
    public static partial void EpochChanged(ILogger logger, string configuration);

    [LoggerMessage(62, LogLevel.Information, "Seats are to change to {Seats}.")]
    public static partial void Reconfiguring(ILogger logger, string seats);

    [LoggerMessage(63, LogLevel.Warning, "Seats could not be changed to {Seats}: not all newcomers answered in time. It is tried again while they are needed.")]
    public static partial void ReconfigurationFailed(ILogger logger, string seats);

    [LoggerMessage(64, LogLevel.Error, "A member tells of another table: {Text}. Two clusters never merge: stop the nodes of one, and start them with seeds of the other.")]
    public static partial void ForeignCluster(ILogger logger, string text);

    [LoggerMessage(80, LogLevel.Error, "The table can never be changed again, for a majority of those who decided about it lost their stores: {Text}. The founders found a successor with the latest that anybody within reach holds; what only the lost ones held is gone.")]
    public static partial void Lost(ILogger logger, string text);

    [LoggerMessage(81, LogLevel.Warning, "The table was succeeded after losses, {Text}: the last changes before may be gone, and its version has jumped.")]
    public static partial void Superseded(ILogger logger, string text);

    [LoggerMessage(82, LogLevel.Error, "A member tells of another successor of the same table: {Text}. The two never merge: stop the nodes of one, remove their data directories, and start them again.")]
    public static partial void RivalSuccessor(ILogger logger, string text);

    [LoggerMessage(83, LogLevel.Warning, "By its operator's word this node founds a successor of table {Text}. Nodes that still belong to the old one must not go on with it.")]
    public static partial void Recovering(ILogger logger, string text);

    [LoggerMessage(65, LogLevel.Error, "This node's store failed, and it does not vote any more until it is restarted with a directory that it can write; another node gets its seat.")]
    public static partial void StoreFailed(ILogger logger, Exception error);

    [LoggerMessage(66, LogLevel.Critical, "The agreement of this node ended by an unexpected error; it votes and asks no more.")]
    public static partial void PumpFailed(ILogger logger, Exception error);

    [LoggerMessage(71, LogLevel.Error, "The data directory of this node was copied or restored: {Witness} saw it in use as often as here or more often, and what was promised there is not known here. This node does not vote any more; move the directory away and restart it with an empty one.")]
    public static partial void StoreSuperseded(ILogger logger, string witness);

    [LoggerMessage(70, LogLevel.Error, "This node cannot tell the others of its part in the table, because its own metadata leave no room: it has no seat and founds nothing until they take less.")]
    public static partial void NoticeRefused(ILogger logger, Exception error);

    [LoggerMessage(67, LogLevel.Warning, "No other node took over this node's seat within {Patience}; it stops all the same.")]
    public static partial void SeatNotGivenAway(ILogger logger, TimeSpan patience);
}
