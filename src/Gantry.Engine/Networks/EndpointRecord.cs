using System.Text.Json;
using Gantry.Engine.Containers;
using Gantry.Networking;
using Gantry.Os.Files;

namespace Gantry.Engine.Networks;

/// <summary>
/// The file <c>endpoints.json</c> beside the keeper's records: what a running container is connected with, for the next daemon. It goes with the
/// process, so it is renamed into place and not synced.
/// </summary>
internal static class EndpointRecord
{
    /// <summary>Writes it; nothing where there is nothing to know.</summary>
    /// <exception cref="Os.OsException">Writing failed, e.g. there is no space left.</exception>
    public static void Write(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        if (EndpointRequests.IsPassive(container))
            return;
        AtomicFile.Write(PathOf(container), JsonSerializer.SerializeToUtf8Bytes(endpoints, EngineJson.Default.IReadOnlyListEndpoint), sync: false);
    }

    /// <summary>Reads it; empty when there is none.</summary>
    public static IReadOnlyList<Endpoint> Read(Container container)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(container)), EngineJson.Default.IReadOnlyListEndpoint) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return [];
        }
    }

    private static string PathOf(Container container) => Path.Combine(container.ProcessFolder, "endpoints.json");
}
