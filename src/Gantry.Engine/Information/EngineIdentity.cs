using System.Reflection;
using System.Security.Cryptography;
using Gantry.Os.Files;

namespace Gantry.Engine.Information;

/// <summary>Which engine this is.</summary>
/// <param name="Id">Made once for its root folder.</param>
/// <param name="Root">The root folder.</param>
internal sealed record EngineIdentity(string Id, string Root)
{
    /// <summary>The version of the build.</summary>
    public static string Version { get; } = typeof(EngineIdentity).Assembly.GetName().Version!.ToString(3);

    /// <summary>The commit of the build, as far as the build knew it.</summary>
    public static string Commit { get; } =
        typeof(EngineIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion is { } version
        && version.IndexOf('+') is > 0 and var plus
            ? version[(plus + 1)..]
            : "";

    /// <summary>The identity of the engine with that root; made when there is none yet.</summary>
    public static EngineIdentity Load(string root)
    {
        var path = Path.Combine(root, "engine-id");
        if (!File.Exists(path))
            AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()), sync: true);
        return new EngineIdentity(File.ReadAllText(path).Trim(), root);
    }
}
