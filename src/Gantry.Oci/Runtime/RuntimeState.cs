using System.Text.Json.Serialization;

namespace Gantry.Oci.Runtime;

/// <summary>The state of a container, as <c>state</c> prints it and hooks read it (runtime.md, "State").</summary>
public sealed record RuntimeState
{
    /// <summary>The version of the specification.</summary>
    public required string OciVersion { get; init; }

    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary><c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c> (and <c>paused</c>, which runc adds).</summary>
    public required string Status { get; init; }

    /// <summary>The process's ID, as the reader's pid namespace has it; 0, and not written, when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Pid { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>The configuration's annotations.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
