using System.Text.Json.Serialization;

namespace Gantry.Oci.Runtime;

/// <summary>Reads and writes the documents of the runtime specification. Absent members are not written; unknown ones are skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    IndentCharacter = '\t',
    IndentSize = 1)]
[JsonSerializable(typeof(RuntimeSpec))]
[JsonSerializable(typeof(ProcessSpec))]
[JsonSerializable(typeof(LinuxResources))]
[JsonSerializable(typeof(LinuxSeccomp))]
[JsonSerializable(typeof(RuntimeState))]
[JsonSerializable(typeof(RuntimeFeatures))]
public sealed partial class RuntimeSpecJson : JsonSerializerContext;
