using System.Text.Json;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Networking.Store;

/// <summary>The folder <c>networks</c>: one document a network, named by its ID, replaced by write-temp, sync, rename.</summary>
internal sealed class NetworkFolder(string path)
{
    internal List<Network> Open()
    {
        Directory.CreateDirectory(path);
        var networks = new List<Network>();
        foreach (var file in Directory.EnumerateFiles(path))
        {
            if (file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
                File.Delete(file);
            else if (file.EndsWith(".json", StringComparison.Ordinal))
                networks.Add(Read(file));
        }
        return networks;
    }

    internal void Write(Network network) =>
        AtomicFile.Write(PathOf(network.Id), JsonSerializer.SerializeToUtf8Bytes(network, NetworkJson.Default.Network), sync: true);

    internal void Delete(Network network)
    {
        File.Delete(PathOf(network.Id));
        AtomicFile.SyncFolder(path);
    }

    private string PathOf(string id) => Path.Combine(path, id + ".json");

    private static Network Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), NetworkJson.Default.Network) ?? throw new JsonException("the document is null");
        }
        catch (JsonException e)
        {
            throw new GantryException(ErrorKind.System, $"cannot read the network {file}: {e.Message}", e);
        }
    }
}
