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
        typeof(GoTimeConverter),
    ])]
[JsonSerializable(typeof(ContainerConfig))]
[JsonSerializable(typeof(HostConfig))]
[JsonSerializable(typeof(NetworkingConfig))]
[JsonSerializable(typeof(ContainerCreateRequest))]
[JsonSerializable(typeof(ContainerCreateResponse))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The context with docker's escaping; immutable, and made on first use as it copies the generated options.</summary>
    public static ApiJson Wire => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
