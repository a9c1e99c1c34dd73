using System.Text.Json;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Migrate;

/// <summary>The networks that users made in a Docker: <c>network/files/local-kv.db</c>.</summary>
/// <param name="root">The Docker's folder.</param>
/// <param name="networks">Where they go.</param>
internal sealed class DockerNetworks(DockerRoot root, NetworkStore networks)
{
    private const string ListPath = "network/files/local-kv.db";

    // Each value begins with the number of its last change.
    private const int IndexLength = sizeof(ulong);

    private readonly Dictionary<string, Network> _byName = [];
    private readonly Dictionary<string, string> _nameById = [];

    /// <summary>Reads the list.</summary>
    /// <returns>Why it could not be read; null when it was.</returns>
    public string? Read()
    {
        try
        {
            if (root.TryRead(ListPath) is not { } content)
                return $"{ListPath} is not there";
            foreach (var (key, value) in new BoltFile(content).ReadBucket("libnetwork"u8))
            {
                if (key.AsSpan().StartsWith("docker/network/v1.0/network/"u8) && value.Length > IndexLength
                    && DockerJson.TryParse(value.AsMemory(IndexLength)) is { } document)
                    Add(document);
            }
            return null;
        }
        catch (Exception error) when (error is InvalidDataException or GantryException or OsException)
        {
            return $"{ListPath}: {error.Message}";
        }
    }

    /// <summary>The name of a network that is called by its name or its ID there.</summary>
    public string NameOf(string nameOrId) => _nameById.GetValueOrDefault(nameOrId, nameOrId);

    /// <summary>Makes sure that there is a network of that name here.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="GantryException">It is in neither list (NotFound), or cannot be made.</exception>
    public async Task<bool> EnsureAsync(string name, CancellationToken cancellation)
    {
        if (Find(name) is not null)
            return false;
        await networks.CreateAsync(_byName.GetValueOrDefault(name) ?? throw GantryException.NotFound($"there is no network {name}"), cancellation);
        return true;
    }

    /// <summary>Whether a network is here, or can be made.</summary>
    public bool IsKnown(string name) => Find(name) is not null || _byName.ContainsKey(name);

    /// <summary>The network of exactly that name here.</summary>
    private Network? Find(string name) => networks.Find(name) is { } found && found.Name == name ? found : null;

    private void Add(JsonElement document)
    {
        if (document.Text("name") is not { } name || document.Text("id") is not { } id || document.Flag("inDelete"))
            return;
        _nameById[id] = name;
        if (name is "bridge" or "host" or "none" || document.Text("scope") is not (null or "local") || document.Flag("configOnly")
            || document.Text("configFrom") is not null)
            return;
        _byName[name] = new Network
        {
            Id = "",
            CreatedAt = default,
            Name = name,
            Driver = document.Text("networkType") ?? "bridge",
            EnableIPv4 = document.Member("enableIPv4") is not { ValueKind: JsonValueKind.False },
            EnableIPv6 = document.Flag("enableIPv6"),
            Internal = document.Flag("internal"),
            Options = document.Member("generic")?.Texts("com.docker.network.generic") ?? [],
            Labels = document.Texts("labels") ?? [],
            Addressing = new NetworkAddressing { Options = document.Texts("ipamOptions"), Pools = Pools(document) },
        };
    }

    /// <summary>The subnets that the user chose; those that Docker chose are chosen anew.</summary>
    private static List<AddressPool>? Pools(JsonElement document)
    {
        var pools = new List<AddressPool>();
        foreach (var property in (string[])["ipamV4Config", "ipamV6Config"])
        {
            if (document.Text(property) is not { } text
                || DockerJson.TryParse(System.Text.Encoding.UTF8.GetBytes(text)) is not { ValueKind: JsonValueKind.Array } list)
                continue;
            foreach (var pool in list.EnumerateArray())
            {
                if (pool.Text("PreferredPool") is { } subnet)
                    pools.Add(new AddressPool(subnet, pool.Text("SubPool"), pool.Text("Gateway"), pool.Texts("AuxAddresses")));
            }
        }
        return pools.Count > 0 ? pools : null;
    }
}
