using System.Text.Json.Serialization;
using Gantry.Engine.Containers;

namespace Gantry.Engine;

/// <summary>The documents that the engine writes to disk.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    Converters = [typeof(Api.Model.StringOrListConverter)])]
[JsonSerializable(typeof(ContainerDocument))]
[JsonSerializable(typeof(ContainerState))]
[JsonSerializable(typeof(IReadOnlyList<Networking.Endpoint>))]
internal sealed partial class EngineJson : JsonSerializerContext;
