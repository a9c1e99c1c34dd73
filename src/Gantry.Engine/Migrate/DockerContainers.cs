using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Engine.Create;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;

namespace Gantry.Engine.Migrate;

/// <summary>A container of a Docker.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Its name.</param>
/// <param name="Image">The digest of its image's configuration.</param>
/// <param name="Document">Its <c>config.v2.json</c>.</param>
internal sealed record DockerContainer(string Id, string Name, Digest Image, JsonElement Document)
{
    /// <summary>The names of the volumes that are mounted into it.</summary>
    public IReadOnlyList<string> Volumes { get; } = ReadVolumes(Document);

    /// <summary>Whether a user means it by a word: its name, or the beginning of its ID.</summary>
    public bool IsMeantBy(string word)
    {
        const int shortest = 4;
        return Name == word.TrimStart('/') || word.Length >= shortest && Id.StartsWith(word, StringComparison.Ordinal);
    }

    private static List<string> ReadVolumes(JsonElement document) => document.Member("MountPoints") is { ValueKind: JsonValueKind.Object } mounts
        ? [.. mounts.EnumerateObject().Where(static one => one.Value.Text("Type") == "volume").Select(static one => one.Value.Text("Name"))
            .OfType<string>()] : [];
}

/// <summary>The containers of a Docker: <c>containers/ID</c>, and where their writable layers are.</summary>
internal sealed class DockerContainers(DockerRoot root)
{
    private const int IdLength = 64;

    /// <summary>All that can be read, by ID.</summary>
    /// <param name="problem">Is told of one that cannot be read: its ID and why.</param>
    public IReadOnlyList<DockerContainer> Read(Action<string, string> problem)
    {
        var containers = new List<DockerContainer>();
        foreach (var id in root.List("containers").Where(static id => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower)))
        {
            try
            {
                if (root.TryReadJson($"containers/{id}/config.v2.json") is not { } document)
                    continue;
                if (document.Text("ID") != id || document.Text("Name") is not { } name || !Digest.TryParse(document.Text("Image"), out var image))
                    throw GantryException.Invalid("its config.v2.json has no ID, name or image");
                containers.Add(new DockerContainer(id, name.TrimStart('/'), image, document));
            }
            catch (Exception error) when (error is GantryException or OsException)
            {
                problem(id, error.Message);
            }
        }
        return containers;
    }

    /// <summary>What asks for the same container here.</summary>
    /// <param name="container">The container.</param>
    /// <param name="image">How its image is called here.</param>
    /// <param name="network">The network to use in the place of one of theirs.</param>
    /// <exception cref="GantryException">Its documents are damaged.</exception>
    public ContainerCreation Describe(DockerContainer container, string image, Func<string, string> network)
    {
        var document = container.Document;
        try
        {
            var config = document.Member("Config")?.Deserialize(ApiJson.Wire.ContainerConfig) ?? throw GantryException.Invalid("it has no configuration");
            var host = root.TryReadJson($"containers/{container.Id}/hostconfig.json")?.Deserialize(ApiJson.Wire.HostConfig)
                ?? throw GantryException.Invalid("its hostconfig.json is not there");
            host = host with { NetworkMode = network(host.NetworkMode), Runtime = host.Runtime is "runc" or "io.containerd.runc.v2" ? null : host.Runtime };
            return new ContainerCreation
            {
                Id = container.Id,
                Name = container.Name,
                // It was merged with the image's already: what the user took away there must not come back.
                Config = config with { Image = image, Entrypoint = config.Entrypoint ?? StringOrList.Of([""]), Cmd = config.Cmd ?? StringOrList.Of([]) },
                HostConfig = WithMounts(host, document),
                Networking = Networking(document, network),
            };
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"its configuration is damaged: {error.Message}", error);
        }
    }

    /// <summary>The networks that it is connected to, as they are called there.</summary>
    public IEnumerable<string> NetworksOf(DockerContainer container) =>
        Endpoints(container.Document).Select(static one => one.Name)
            .Append(root.TryReadJson($"containers/{container.Id}/hostconfig.json")?.Text("NetworkMode") ?? "")
            .Where(static name => name is not ("" or "default" or "bridge" or "host" or "none") && !name.StartsWith("container:", StringComparison.Ordinal))
                .Distinct();

    /// <summary>The upper directory of its writable layer.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    public Fd OpenChanges(DockerContainer container) =>
        root.OpenFolder($"overlay2/{DockerLayers.Name(root.ReadLine($"image/overlay2/layerdb/mounts/{container.Id}/mount-id"))}/diff");

    /// <summary>
    /// Says of each mount what the list of mounts says: the names of volumes that were made for this container alone, and what came from other containers,
    /// which need not be here.
    /// </summary>
    private static HostConfig WithMounts(HostConfig host, JsonElement document)
    {
        var points = document.Member("MountPoints") is { ValueKind: JsonValueKind.Object } list
            ? list.EnumerateObject().ToDictionary(static one => one.Name, static one => one.Value) : [];
        var mounts = (host.Mounts ?? []).Select(mount =>
            mount is { Type: "volume", Target: { } target } && string.IsNullOrEmpty(mount.Source) && points.TryGetValue(target, out var point)
            ? mount with { Source = point.Text("Name") } : mount).ToList();
        var binds = (host.Binds ?? []).ToList();
        var taken = binds.Select(static bind => BindSpec.Parse(bind).Target).Concat(mounts.Select(static mount => mount.Target ?? ""))
            .Concat(host.Tmpfs?.Keys ?? []).ToHashSet();
        foreach (var (target, point) in points)
        {
            var source = point.Text("Type") switch { "volume" => point.Text("Name"), "bind" => point.Text("Source"), _ => null };
            if (source is not null && !taken.Contains(target))
                binds.Add($"{source}:{target}{(point.Flag("RW") ? "" : ":ro")}");
        }
        return host with { Binds = binds, Mounts = mounts, VolumesFrom = null };
    }

    private static NetworkingConfig Networking(JsonElement document, Func<string, string> network)
    {
        var endpoints = new Dictionary<string, EndpointSettings?>();
        foreach (var (name, endpoint) in Endpoints(document))
        {
            var here = network(name);
            var own = here == name && here is not ("bridge" or "host" or "none");
            endpoints[here] = !own ? new EndpointSettings() : new EndpointSettings
            {
                IPAMConfig = endpoint.Member("IPAMConfig") is { } addresses
                    ? new EndpointIPAMConfig { IPv4Address = addresses.Text("IPv4Address"), IPv6Address = addresses.Text("IPv6Address") } : null,
                Aliases = endpoint.List("Aliases"),
                Links = endpoint.List("Links"),
                MacAddress = endpoint.Text("DesiredMacAddress") ?? "",
                DriverOpts = endpoint.Texts("DriverOpts"),
                GwPriority = endpoint.Member("GwPriority") is { ValueKind: JsonValueKind.Number } priority && priority.TryGetInt32(out var number) ? number : 0,
            };
        }
        return new NetworkingConfig { EndpointsConfig = endpoints };
    }

    private static IEnumerable<(string Name, JsonElement Endpoint)> Endpoints(JsonElement document) =>
        document.Member("NetworkSettings")?.Member("Networks") is { ValueKind: JsonValueKind.Object } networks
            ? networks.EnumerateObject().Select(static one => (one.Name, one.Value)) : [];
}
