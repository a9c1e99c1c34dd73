using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>
/// Reading and writing of everything in this project. Use <see cref="Wire"/>: it escapes as docker does (`&lt;`, `&gt;`, `&amp;` and
/// non-ASCII letters stay as they are), which a generated context cannot say in its attributes.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNameCaseInsensitive = true,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters =
    [
        typeof(NullAsEmptyStringConverter), typeof(NullAsZeroLongConverter), typeof(NullAsZeroIntConverter), typeof(NullAsFalseConverter),
        typeof(GoTimeConverter), typeof(StringOrListConverter),
    ])]
[JsonSerializable(typeof(ContainerConfig))]
[JsonSerializable(typeof(HostConfig))]
[JsonSerializable(typeof(NetworkingConfig))]
[JsonSerializable(typeof(ContainerCreateRequest))]
[JsonSerializable(typeof(ContainerCreateResponse))]
[JsonSerializable(typeof(ContainerUpdateRequest))]
[JsonSerializable(typeof(ContainerUpdateResponse))]
[JsonSerializable(typeof(ContainerInspectResponse))]
[JsonSerializable(typeof(ContainerSummary))]
[JsonSerializable(typeof(ContainerTopResponse))]
[JsonSerializable(typeof(ContainerWaitResponse))]
[JsonSerializable(typeof(ContainersPruneResponse))]
[JsonSerializable(typeof(IReadOnlyList<FilesystemChange>))]
[JsonSerializable(typeof(ContainerPathStat))]
[JsonSerializable(typeof(ContainerStatsResponse))]
[JsonSerializable(typeof(ExecCreateRequest))]
[JsonSerializable(typeof(ExecCreateResponse))]
[JsonSerializable(typeof(ExecStartRequest))]
[JsonSerializable(typeof(ExecInspectResponse))]
[JsonSerializable(typeof(IReadOnlyList<ImageSummary>))]
[JsonSerializable(typeof(ImageInspectResponse))]
[JsonSerializable(typeof(IReadOnlyList<ImageHistoryItem>))]
[JsonSerializable(typeof(IReadOnlyList<ImageDeleteItem>))]
[JsonSerializable(typeof(ImagesPruneResponse))]
[JsonSerializable(typeof(IdResponse))]
[JsonSerializable(typeof(ProgressMessage))]
[JsonSerializable(typeof(IReadOnlyList<NetworkResource>))]
[JsonSerializable(typeof(NetworkResource))]
[JsonSerializable(typeof(NetworkCreateRequest))]
[JsonSerializable(typeof(NetworkCreateResponse))]
[JsonSerializable(typeof(NetworkConnectRequest))]
[JsonSerializable(typeof(NetworkDisconnectRequest))]
[JsonSerializable(typeof(NetworksPruneResponse))]
[JsonSerializable(typeof(VolumeResource))]
[JsonSerializable(typeof(VolumeListResponse))]
[JsonSerializable(typeof(VolumeCreateRequest))]
[JsonSerializable(typeof(VolumesPruneResponse))]
[JsonSerializable(typeof(SystemVersion))]
[JsonSerializable(typeof(SystemInfo))]
[JsonSerializable(typeof(SystemDiskUsageResponse))]
[JsonSerializable(typeof(SystemDataUsageResponse))]
[JsonSerializable(typeof(SystemCheckResponse))]
[JsonSerializable(typeof(ReachabilityResponse))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(DistributionInspect))]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(Oci.Images.Descriptor))]
[JsonSerializable(typeof(IReadOnlyList<ImageSearchItem>))]
[JsonSerializable(typeof(PushResult))]
[JsonSerializable(typeof(BuildResult))]
[JsonSerializable(typeof(BuildSessionRequest))]
[JsonSerializable(typeof(BuildSessionResult))]
[JsonSerializable(typeof(BuildSessionError))]
[JsonSerializable(typeof(Gantry.Oci.Images.Platform))]
[JsonSerializable(typeof(AuthConfig))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, AuthConfig>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string?>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, System.Text.Json.JsonElement>))]
[JsonSerializable(typeof(IReadOnlyList<System.Text.Json.JsonElement>))]
[JsonSerializable(typeof(IReadOnlyList<Ulimit>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<BuildHistoryRecord>))]
[JsonSerializable(typeof(AuthResponse))]
[JsonSerializable(typeof(EventMessage))]
[JsonSerializable(typeof(BuildPruneResponse))]
[JsonSerializable(typeof(IReadOnlyList<EmptyObject>))]
[JsonSerializable(typeof(IReadOnlyList<Plugin>))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The context with docker's escaping; immutable, and made on first use as it copies the generated options.</summary>
    public static ApiJson Wire => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
