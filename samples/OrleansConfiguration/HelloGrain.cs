namespace OrleansConfiguration;

/// <summary>Says hello from wherever it runs.</summary>
public interface IHelloGrain : IGrainWithStringKey
{
    /// <summary>Says hello.</summary>
    Task<string> SayHelloAsync(string whom);
}

/// <inheritdoc cref="IHelloGrain"/>
public sealed class HelloGrain(ILocalSiloDetails silo) : Grain, IHelloGrain
{
    public Task<string> SayHelloAsync(string whom) => Task.FromResult($"Hello {whom}, from silo {silo.SiloAddress.ToParsableString()} in process {Environment.ProcessId}.");
}
