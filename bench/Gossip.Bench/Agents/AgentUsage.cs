using System.Diagnostics.Metrics;
using System.Globalization;

namespace Gossip.Bench.Agents;

/// <summary>What one agent process used since it started: read within the process, which alone can tell.</summary>
/// <param name="AllocatedBefore">Managed memory that was allocated, freed or not, when the reading began.</param>
/// <param name="AllocatedAfter">The same when it ended: the difference is what the reading itself took.</param>
/// <param name="DatagramsSent">By the meter <c>Gossip</c>.</param>
/// <param name="DatagramBytesSent">By the meter <c>Gossip</c>.</param>
internal readonly record struct AgentUsage(long AllocatedBefore, long AllocatedAfter, long DatagramsSent, long DatagramBytesSent)
{
    private const string MeterName = "Gossip";
    private const string DatagramsInstrument = "gossip.datagrams.sent";
    private const string BytesInstrument = "gossip.datagrams.sent.bytes";

    public static AgentUsage operator +(AgentUsage a, AgentUsage b) =>
        new(a.AllocatedBefore + b.AllocatedBefore, a.AllocatedAfter + b.AllocatedAfter, a.DatagramsSent + b.DatagramsSent, a.DatagramBytesSent + b.DatagramBytesSent);

    public static AgentUsage Read()
    {
        long datagrams = 0, bytes = 0;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == MeterName && instrument.Name is DatagramsInstrument or BytesInstrument)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _ = instrument.Name == BytesInstrument ? bytes += value : datagrams += value);
        listener.Start();
        listener.RecordObservableInstruments();
        listener.Dispose(); // before the second look at the heap
        return new AgentUsage(allocated, GC.GetTotalAllocatedBytes(precise: true), datagrams, bytes);
    }

    public override string ToString() => $"{AllocatedBefore} {AllocatedAfter} {DatagramsSent} {DatagramBytesSent}";

    public static AgentUsage Parse(string text)
    {
        var numbers = text.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new AgentUsage(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
