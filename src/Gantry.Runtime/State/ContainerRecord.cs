using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Runtime.State;

/// <summary>What <c>gantry-runtime</c> remembers of a container: <c>state.json</c> in its state folder.</summary>
public sealed record ContainerRecord
{
    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>Absolute path of the root filesystem.</summary>
    public required string Rootfs { get; init; }

    /// <summary>The first process.</summary>
    public required int Pid { get; init; }

    /// <summary>When that started, in clock ticks since boot: with the ID it names the process for good.</summary>
    public required long StartTicks { get; init; }

    /// <summary>The cgroup's path in the hierarchies; null: the container has none.</summary>
    public string? CgroupPath { get; init; }

    /// <summary>When the container was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>
    /// The document that <see cref="StateJson"/> reads. It is written member by member: each <c>run</c> and <c>create</c> writes one and needs a
    /// serializer for nothing else, whose preparation would take longer than all of it.
    /// </summary>
    internal byte[] ToDocument()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Id);
            json.WriteString("bundle"u8, Bundle);
            json.WriteString("rootfs"u8, Rootfs);
            json.WriteNumber("pid"u8, Pid);
            json.WriteNumber("startTicks"u8, StartTicks);
            if (CgroupPath is not null)
                json.WriteString("cgroupPath"u8, CgroupPath);
            json.WriteString("created"u8, Created);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}

/// <summary>One container as <c>list</c> and <c>state</c> print it.</summary>
public sealed record ContainerListing
{
    /// <summary>The version of the specification.</summary>
    public required string OciVersion { get; init; }

    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary>The first process; 0 when it has ended.</summary>
    public required int Pid { get; init; }

    /// <summary>created, running, paused or stopped.</summary>
    public required string Status { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>Absolute path of the root filesystem.</summary>
    public required string Rootfs { get; init; }

    /// <summary>When the container was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The configuration's annotations.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The name of the user who created it.</summary>
    public string Owner { get; init; } = "root";
}

/// <summary>Reads and writes the documents of the state folder.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(ContainerListing))]
[JsonSerializable(typeof(IReadOnlyList<ContainerListing>))]
[JsonSerializable(typeof(IReadOnlyList<int>))]
public sealed partial class StateJson : JsonSerializerContext;
