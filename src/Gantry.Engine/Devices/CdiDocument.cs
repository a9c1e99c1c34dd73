using System.Text.Json.Serialization;
using Gantry.Oci;

namespace Gantry.Engine.Devices;

/// <summary>A description of devices by their vendor (the Container Device Interface's specification, 1.0): the parts that are looked at here.</summary>
internal sealed record CdiDocument
{
    /// <summary>Vendor and class, e.g. <c>nvidia.com/gpu</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; set => field = value ?? ""; } = "";

    /// <summary>The devices.</summary>
    [JsonPropertyName("devices")]
    public IReadOnlyList<CdiDevice>? Devices { get; set; }

    /// <summary>What a container with any of them gets besides.</summary>
    [JsonPropertyName("containerEdits")]
    public CdiEdits? Edits { get; set; }
}

/// <summary>One device.</summary>
internal sealed record CdiDevice
{
    /// <summary>Its name within the kind.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>What a container gets with it.</summary>
    [JsonPropertyName("containerEdits")]
    public CdiEdits? Edits { get; set; }
}

/// <summary>What a container gets.</summary>
internal sealed record CdiEdits
{
    /// <summary>Variables, <c>NAME=value</c>.</summary>
    [JsonPropertyName("env")]
    public IReadOnlyList<string>? Env { get; set; }

    /// <summary>Device nodes.</summary>
    [JsonPropertyName("deviceNodes")]
    public IReadOnlyList<CdiNode>? Nodes { get; set; }

    /// <summary>Mounts.</summary>
    [JsonPropertyName("mounts")]
    public IReadOnlyList<CdiMount>? Mounts { get; set; }

    /// <summary>Programs to be run for the container.</summary>
    [JsonPropertyName("hooks")]
    public IReadOnlyList<CdiHook>? Hooks { get; set; }

    /// <summary>Groups of its first process.</summary>
    [JsonPropertyName("additionalGids")]
    public IReadOnlyList<uint>? Groups { get; set; }

    /// <summary>A class of the processor's caches and memory bandwidth: not done here.</summary>
    [JsonPropertyName("intelRdt")]
    public CdiIntelRdt? IntelRdt { get; set; }

    /// <summary>Network interfaces of the host's: not done here.</summary>
    [JsonPropertyName("netDevices")]
    public IReadOnlyList<CdiNetDevice>? NetDevices { get; set; }
}

/// <summary>A device node.</summary>
internal sealed record CdiNode
{
    /// <summary>Where it is in the container.</summary>
    [JsonPropertyName("path")]
    public string Path { get; set => field = value ?? ""; } = "";

    /// <summary>Where it is on the host; empty: at the same path.</summary>
    [JsonPropertyName("hostPath")]
    public string HostPath { get; set => field = value ?? ""; } = "";

    /// <summary><c>b</c>, <c>c</c>, <c>u</c> or <c>p</c>; empty: as on the host.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set => field = value ?? ""; } = "";

    /// <summary>Its major number; null: as on the host.</summary>
    [JsonPropertyName("major")]
    public long? Major { get; set; }

    /// <summary>Its minor number; null: as on the host.</summary>
    [JsonPropertyName("minor")]
    public long? Minor { get; set; }

    /// <summary>Its permission bits; null: as on the host.</summary>
    [JsonPropertyName("fileMode")]
    public uint? Mode { get; set; }

    /// <summary>What the container may do, some of <c>rwm</c>; empty: all.</summary>
    [JsonPropertyName("permissions")]
    public string Permissions { get; set => field = value ?? ""; } = "";

    /// <summary>Its owner; null: as on the host.</summary>
    [JsonPropertyName("uid")]
    public uint? Uid { get; set; }

    /// <summary>Its group; null: as on the host.</summary>
    [JsonPropertyName("gid")]
    public uint? Gid { get; set; }
}

/// <summary>A mount.</summary>
internal sealed record CdiMount
{
    /// <summary>What is mounted.</summary>
    [JsonPropertyName("hostPath")]
    public string HostPath { get; set => field = value ?? ""; } = "";

    /// <summary>Where.</summary>
    [JsonPropertyName("containerPath")]
    public string ContainerPath { get; set => field = value ?? ""; } = "";

    /// <summary>Options of mount(8).</summary>
    [JsonPropertyName("options")]
    public IReadOnlyList<string>? Options { get; set; }

    /// <summary>The filesystem's type; empty: a bind.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set => field = value ?? ""; } = "";
}

/// <summary>A program.</summary>
internal sealed record CdiHook
{
    /// <summary>When it is run: a member of the runtime configuration's hooks.</summary>
    [JsonPropertyName("hookName")]
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>Where it is.</summary>
    [JsonPropertyName("path")]
    public string Path { get; set => field = value ?? ""; } = "";

    /// <summary>Its argument vector, with argument 0; null: the path alone.</summary>
    [JsonPropertyName("args")]
    public IReadOnlyList<string>? Args { get; set; }

    /// <summary>Its whole environment.</summary>
    [JsonPropertyName("env")]
    public IReadOnlyList<string>? Env { get; set; }

    /// <summary>Seconds after which it is killed and has failed; null: never.</summary>
    [JsonPropertyName("timeout")]
    public int? Timeout { get; set; }

    /// <summary>Checks what can be wrong with it.</summary>
    /// <exception cref="GantryException">Something is (InvalidArgument).</exception>
    public void Validate()
    {
        if (Name is not ("prestart" or "createRuntime" or "createContainer" or "startContainer" or "poststart" or "poststop"))
            throw GantryException.Invalid($"invalid hook, invalid name \"{Name}\"");
        if (!Path.StartsWith('/'))
            throw GantryException.Invalid($"invalid hook {Name}, its path \"{Path}\" is not absolute");
        if (Timeout <= 0)
            throw GantryException.Invalid($"invalid hook {Name}, its timeout of {Timeout} seconds is not positive");
    }
}

/// <summary>A class of the processor's caches and memory bandwidth (resctrl).</summary>
internal sealed record CdiIntelRdt
{
    /// <summary>Its name.</summary>
    [JsonPropertyName("closID")]
    public string ClassId { get; set => field = value ?? ""; } = "";
}

/// <summary>A network interface.</summary>
internal sealed record CdiNetDevice
{
    /// <summary>Its name on the host.</summary>
    [JsonPropertyName("hostInterfaceName")]
    public string HostName { get; set => field = value ?? ""; } = "";
}

/// <summary>Reads the descriptions; what they have besides is passed over, as the specification says.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CdiDocument))]
internal sealed partial class CdiJson : JsonSerializerContext;
