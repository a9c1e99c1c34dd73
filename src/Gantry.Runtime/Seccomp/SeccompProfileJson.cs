using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Seccomp;

/// <summary>A profile as it is written.</summary>
internal sealed record ProfileDocument
{
    public string DefaultAction { get; init; } = "";

    public uint? DefaultErrnoRet { get; init; }

    public IReadOnlyList<string>? Architectures { get; init; }

    public IReadOnlyList<ProfileArchitecture>? ArchMap { get; init; }

    public IReadOnlyList<string>? Flags { get; init; }

    public string? ListenerPath { get; init; }

    public string? ListenerMetadata { get; init; }

    public IReadOnlyList<ProfileRule>? Syscalls { get; init; }
}

/// <summary>An architecture and those whose programs its machines run too.</summary>
internal sealed record ProfileArchitecture(string Architecture, IReadOnlyList<string>? SubArchitectures);

/// <summary>A rule, for the containers that its conditions choose.</summary>
internal sealed record ProfileRule
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? Names { get; init; }

    public string Action { get; init; } = "";

    public uint? ErrnoRet { get; init; }

    public IReadOnlyList<SeccompCondition>? Args { get; init; }

    public ProfileCondition? Includes { get; init; }

    public ProfileCondition? Excludes { get; init; }
}

/// <summary>A condition on the container and the machine. Of a rule's <c>includes</c> all parts have to hold, of its <c>excludes</c> none may.</summary>
internal sealed record ProfileCondition
{
    public IReadOnlyList<string>? Caps { get; init; }

    public IReadOnlyList<string>? Arches { get; init; }

    [JsonConverter(typeof(KernelVersionConverter))]
    public KernelVersion? MinKernel { get; init; }
}

/// <summary>The form <c>"4.8"</c>.</summary>
internal sealed class KernelVersionConverter : JsonConverter<KernelVersion>
{
    public override KernelVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KernelVersion.TryParse(reader.GetString(), out var version)
            ? version
            : throw GantryException.Invalid($"Decoding seccomp profile failed: invalid kernel version \"{reader.GetString()}\": expected MAJOR.MINOR");

    public override void Write(Utf8JsonWriter writer, KernelVersion value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

// Names match without regard to case, as docker reads them.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ProfileDocument))]
internal sealed partial class SeccompProfileJson : JsonSerializerContext;
