using System.Text.Json.Serialization;

namespace Gantry.Networking.Store;

/// <summary>JSON of this project's documents, generated at compile time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Network))]
internal sealed partial class NetworkJson : JsonSerializerContext;
