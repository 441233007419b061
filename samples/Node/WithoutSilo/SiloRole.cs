namespace Node;

/// <summary>Where the package feed lacks Orleans, a node cannot be a silo.</summary>
internal static class SiloRole
{
    public static void Add(WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<bool>("Silo"))
        {
            throw new InvalidOperationException("Silo=true needs the Microsoft.Orleans packages (Microsoft.Orleans.Server), and the package feed that this program was built from lacks them.");
        }
    }

    public static void Map(WebApplication app)
    {
        // There is nothing of it.
    }
}
