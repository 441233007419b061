namespace Gossip.Bench.Clusters;

/// <summary>A measurement could not be made.</summary>
internal sealed class MeasurementException(string message) : Exception(message);
