using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans
{
    public interface IConfigurationValidator
    {
        void ValidateConfiguration();
    }

    [AttributeUsage(AttributeTargets.Property)]
    public class RedactAttribute : Attribute
    {
        public virtual string Redact(object? value) => "REDACTED";
    }
}

namespace Orleans.Hosting
{
    public interface ISiloBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }

    public interface IClientBuilder
    {
        IServiceCollection Services { get; }

        IConfiguration Configuration { get; }
    }
}

namespace Orleans.Runtime.MembershipService.SiloMetadata
{
    public static class SiloMetadataHostingExtensions
    {
        public static Orleans.Hosting.ISiloBuilder UseSiloMetadata(this Orleans.Hosting.ISiloBuilder builder, Dictionary<string, string> metadata) => builder;
    }
}

namespace Orleans.Configuration
{
    public class ClusterOptions
    {
        public string ClusterId { get; set; } = "default";

        public string ServiceId { get; set; } = "default";
    }

    public class GatewayOptions
    {
        public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
    }

    public class EndpointOptions
    {
        public int SiloPort { get; set; } = 11111;

        public int GatewayPort { get; set; } = 30000;
    }

    public static class OptionConfigureExtensionMethods
    {
        public static IServiceCollection ConfigureFormatter<TOptions>(this IServiceCollection services)
            where TOptions : class, new() => services;
    }
}

namespace Orleans.Providers
{
    public interface IProviderBuilder<TBuilder>
    {
        void Configure(TBuilder builder, string? name, IConfigurationSection configurationSection);
    }
}

namespace Orleans
{
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class RegisterProviderAttribute(string name, string kind, string target, Type type) : Attribute
    {
        public string Name { get; } = name;

        public string Kind { get; } = kind;

        public string Target { get; } = target;

        public Type Type { get; } = type;
    }
}

namespace Orleans.Runtime
{
    public sealed class OrleansConfigurationException(string message) : Exception(message);
}

namespace Orleans.Messaging
{
    public interface IGatewayListProvider
    {
        Task InitializeGatewayListProvider();

        Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken) => InitializeGatewayListProvider();

        Task<IList<Uri>> GetGateways();

        Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken) => GetGateways();

        TimeSpan MaxStaleness { get; }

        [Obsolete("All providers are asked again.")]
        bool IsUpdatable { get; }
    }
}
