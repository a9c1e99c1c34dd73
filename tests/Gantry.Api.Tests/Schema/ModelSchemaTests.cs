using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Model;

namespace Gantry.Api.Tests.Schema;

/// <summary>The model has the names and types of the schema, no more and no less, but for what is listed here with its reason.</summary>
public class ModelSchemaTests
{
    // Only in answers to clients below the version where docker dropped them, or never in the schema though every client sends or reads them.
    private static readonly HashSet<string> BeyondTheSchema =
    [
        "ImageInspect.Parent", "ImageInspect.DockerVersion", "ImageSummary.VirtualSize", "ImageInspect.VirtualSize", "ImageInspect.ContainerConfig",
        "SystemInfo.KernelMemoryTCP", "HostConfig.KernelMemoryTCP", "ContainerInspectResponse.HostConfig.KernelMemoryTCP",
        "POST /containers/{id}/update.KernelMemoryTCP", "POST /containers/create.HostConfig.KernelMemoryTCP",
        // Gantry's own.
        "ImageSummary.LastUsedAt", "ImageInspect.LastUsedAt", "Mount.BindOptions.IDMapping", "HealthConfig.OnFailure",
        // Of clients before 1.44.
        "POST /containers/create.MacAddress",
        "EventMessage.status", "EventMessage.id", "EventMessage.from",
        "AuthConfig.auth", "AuthConfig.identitytoken", "AuthConfig.registrytoken",
    ];

    // Features that this version does not have.
    private static readonly HashSet<string> NotOffered =
    [
        "ContainerInspectResponse.ImageManifestDescriptor", "ContainerInspectResponse.Storage",
        "ContainerSummary.ImageManifestDescriptor", "ContainerSummary.Health",
        "ImageInspect.Identity", "ImageManifestSummary.ImageData.Identity",
        "NetworkInspect.Services", "NetworkInspect.Status", "NetworkInspect.Peers",
        // Docker ignores it there too: an init is chosen at creation.
        "POST /containers/{id}/update.Init",
        "SwarmInfo.RemoteManagers", "SwarmInfo.Nodes", "SwarmInfo.Managers", "SwarmInfo.Cluster",
        "SystemInfo.GenericResources", "SystemInfo.DiscoveredDevices", "SystemInfo.NRI", "SystemInfo.Containerd",
        "Volume.Status", "Volume.ClusterVolume", "VolumeCreateRequest.ClusterVolumeSpec",
        "PluginsInfo.Authorization",
    ];

    private readonly ApiSchema _schema = ApiSchema.Load();

    public static TheoryData<string, Type> Definitions => new()
    {
        { "ContainerConfig", typeof(ContainerConfig) },
        { "HostConfig", typeof(HostConfig) },
        { "NetworkingConfig", typeof(NetworkingConfig) },
        { "ContainerCreateResponse", typeof(ContainerCreateResponse) },
        { "ContainerUpdateResponse", typeof(ContainerUpdateResponse) },
        { "ContainerInspectResponse", typeof(ContainerInspectResponse) },
        { "ContainerSummary", typeof(ContainerSummary) },
        { "ContainerTopResponse", typeof(ContainerTopResponse) },
        { "ContainerWaitResponse", typeof(ContainerWaitResponse) },
        { "ImageSummary", typeof(ImageSummary) },
        { "ImageInspect", typeof(ImageInspectResponse) },
        { "ImageHistoryResponseItem", typeof(ImageHistoryItem) },
        { "ImageDeleteResponseItem", typeof(ImageDeleteItem) },
        { "NetworkInspect", typeof(NetworkResource) },
        { "NetworkCreateResponse", typeof(NetworkCreateResponse) },
        { "NetworkConnectRequest", typeof(NetworkConnectRequest) },
        { "NetworkDisconnectRequest", typeof(NetworkDisconnectRequest) },
        { "Volume", typeof(VolumeResource) },
        { "VolumeListResponse", typeof(VolumeListResponse) },
        { "VolumeCreateRequest", typeof(VolumeCreateRequest) },
        { "SystemVersion", typeof(SystemVersion) },
        { "SystemInfo", typeof(SystemInfo) },
        { "EventMessage", typeof(EventMessage) },
        { "ErrorResponse", typeof(ErrorResponse) },
        { "AuthConfig", typeof(AuthConfig) },
        { "AuthResponse", typeof(AuthResponse) },
    };

    public static TheoryData<string, Type> Bodies => new()
    {
        { "POST /containers/create", typeof(ContainerCreateRequest) },
        { "POST /containers/{id}/update", typeof(ContainerUpdateRequest) },
        { "POST /containers/{id}/exec", typeof(ExecCreateRequest) },
        { "POST /exec/{id}/start", typeof(ExecStartRequest) },
        { "POST /networks/create", typeof(NetworkCreateRequest) },
    };

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Definitions_agree(string definition, Type type) => Assert.Empty(Compare(_schema.Definition(definition), type, definition));

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Bodies_agree(string operation, Type type) => Assert.Empty(Compare(_schema.Body(operation), type, operation));

    private List<string> Compare(JsonElement schema, Type type, string name)
    {
        var findings = new List<string>();
        Compare(schema, type, name, findings, []);
        return findings;
    }

    private void Compare(JsonElement schema, Type type, string name, List<string> findings, HashSet<Type> seen)
    {
        if (schema.TryGetProperty("$ref", out var reference)) name = reference.GetString()!;
        schema = _schema.Resolve(schema);
        var info = ApiJson.Wire.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type)!;
        if (!schema.TryGetProperty("type", out var wanted) || wanted.GetString() == "object" && !HasContent(schema)) return;
        switch (wanted.GetString())
        {
            case "object" when info.Kind == JsonTypeInfoKind.Dictionary:
                Compare(schema.GetProperty("additionalProperties"), info.ElementType!, name, findings, seen);
                break;
            case "object" when info.Kind == JsonTypeInfoKind.Object:
                if (seen.Add(info.Type)) CompareProperties(schema, info, name, findings, seen);
                break;
            case "array" when info.Kind == JsonTypeInfoKind.Enumerable:
                Compare(schema.GetProperty("items"), info.ElementType!, name, findings, seen);
                break;
            case "array" when info.Type == typeof(StringOrList):
                break;
            case "string" when info.Type == typeof(string) || info.Type == typeof(DateTimeOffset):
            case "boolean" when info.Type == typeof(bool):
            case "integer" when info.Type == typeof(int) || info.Type == typeof(long) || info.Type == typeof(ulong):
                break;
            default:
                findings.Add($"{name}: {info.Type.Name} for {wanted}");
                break;
        }
    }

    private static bool HasContent(JsonElement schema) => schema.TryGetProperty("properties", out _) || schema.TryGetProperty("additionalProperties", out _);

    private void CompareProperties(JsonElement schema, JsonTypeInfo info, string name, List<string> findings, HashSet<Type> seen)
    {
        var own = info.Properties.ToDictionary(property => property.Name);
        var known = schema.GetProperty("properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value);
        foreach (var extra in own.Keys.Where(each => !known.ContainsKey(each) && !BeyondTheSchema.Contains($"{name}.{each}"))) findings.Add(
            $"{name}.{extra} is not in the schema");
        foreach (var (each, schemaOfProperty) in known)
        {
            var path = $"{name}.{each}";
            if (NotOffered.Contains(path)) continue;
            if (own.TryGetValue(each, out var property)) Compare(schemaOfProperty, property.PropertyType, path, findings, seen);
            else findings.Add($"{path} is not in the model");
        }
    }
}
