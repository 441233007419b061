namespace Orleans
{
    public interface ILifecycleObserver
    {
        Task OnStart(CancellationToken cancellationToken = default);

        Task OnStop(CancellationToken cancellationToken = default);
    }

    public interface ILifecycleObservable
    {
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    public interface ILifecycleParticipant<TLifecycleObservable>
        where TLifecycleObservable : ILifecycleObservable
    {
        void Participate(TLifecycleObservable lifecycle);
    }

    public interface IClusterClientLifecycle : ILifecycleObservable;

    public static class ServiceLifecycleStage
    {
        public const int RuntimeInitialize = 2000;
        public const int Active = 20000;
        public const int Last = int.MaxValue;
    }
}

namespace Orleans.Runtime
{
    public interface ISiloLifecycle : ILifecycleObservable;

    public interface IHealthCheckable
    {
        bool CheckHealth(DateTime lastCheckTime, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? reason);
    }

    public interface IHealthCheckParticipant : IHealthCheckable;
}
