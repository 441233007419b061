using Orleans.Placement;

namespace OrleansCluster.Grains;

/// <summary>A grain that runs on any silo.</summary>
public interface IGreeterGrain : IGrainWithStringKey
{
    /// <summary>Greets somebody.</summary>
    Task<Greeting> GreetAsync(string whom);
}

/// <summary>A greeting, and where it comes from.</summary>
[GenerateSerializer]
public sealed record Greeting([property: Id(0)] string Text, [property: Id(1)] string Silo, [property: Id(2)] int ProcessId);

/// <inheritdoc cref="IGreeterGrain"/>
/// <remarks>At random, so that each silo surely has some; Orleans' default looks at the load of the silos.</remarks>
[RandomPlacement]
public sealed class GreeterGrain(ILocalSiloDetails silo) : Grain, IGreeterGrain
{
    public Task<Greeting> GreetAsync(string whom) => Task.FromResult(new Greeting($"Hello {whom}, this is {this.GetPrimaryKeyString()}.", silo.Name, Environment.ProcessId));
}
