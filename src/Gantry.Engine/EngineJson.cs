using System.Text.Json.Serialization;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Keeping;
using Gantry.Engine.Logs.Shipping;

namespace Gantry.Engine;

/// <summary>The documents that the engine writes to disk.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    Converters = [typeof(Api.Model.StringOrListConverter)])]
[JsonSerializable(typeof(ContainerDocument))]
[JsonSerializable(typeof(ContainerState))]
[JsonSerializable(typeof(IReadOnlyList<Networking.Endpoint>))]
[JsonSerializable(typeof(LogPosition))]
[JsonSerializable(typeof(RemovedLog))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class EngineJson : JsonSerializerContext
{
    /// <summary>For documents that are within a line.</summary>
    public static EngineJson Lines => field ??= new(new System.Text.Json.JsonSerializerOptions { WriteIndented = false });
}
