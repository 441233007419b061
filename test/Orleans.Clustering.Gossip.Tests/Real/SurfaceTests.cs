using System.Reflection;
using System.Runtime.Loader;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>The stand-in for Orleans says nothing that Orleans does not have.</summary>
public sealed class SurfaceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void Every_public_member_of_the_stand_in_is_one_of_Orleans()
    {
        var context = new AssemblyLoadContext("surface", isCollectible: true);
        var surface = context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "surface", "Orleans.Surface.dll"));
        Assembly[] real = [.. Directory.GetFiles(AppContext.BaseDirectory, "Orleans.*.dll").Select(Path.GetFileNameWithoutExtension).Select(static name => Assembly.Load(name!))];
        var missing = new List<string>();
        var compared = 0;
        foreach (var type in surface.GetExportedTypes())
        {
            var twin = real.Select(assembly => assembly.GetType(type.FullName!)).OfType<Type>().FirstOrDefault(static twin => twin.IsPublic);
            if (twin is null)
            {
                missing.Add(type.FullName!);
                continue;
            }

            // A member may stand one class higher there.
            var members = Bases(twin).SelectMany(static level => level.GetMembers(Declared)).Select(Describe).ToHashSet(StringComparer.Ordinal);
            foreach (var member in type.GetMembers(Declared).Where(IsVisible).Select(Describe))
            {
                compared++;
                if (!members.Contains(member))
                {
                    missing.Add($"{type.FullName}: {member}");
                }
            }
        }

        context.Unload();
        Assert.True(compared > 100, $"only {compared} members were compared");
        Assert.Empty(missing);
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            yield return level;
        }

        foreach (var contract in type.GetInterfaces())
        {
            yield return contract;
        }
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily,
        FieldInfo field => field.IsPublic && !field.IsSpecialName,
        Type nested => nested.IsNestedPublic,
        PropertyInfo property => property.GetMethod is { IsPublic: true } or { IsFamily: true },
        _ => true,
    };

    private static string Describe(MemberInfo member) => $"{member.MemberType} {member}";
}
