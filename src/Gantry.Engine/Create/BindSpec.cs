using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>One entry of <c>HostConfig.Binds</c>: <c>source:target[:options]</c>, where a source without a slash names a volume.</summary>
/// <param name="Source">A path on the host or a volume's name; null: an anonymous volume.</param>
/// <param name="Target">The absolute path in the container.</param>
/// <param name="Mode">The options as written.</param>
internal sealed record BindSpec(string? Source, string Target, string Mode)
{
    private const string NonRecursive = "bind-nonrecursive";

    /// <summary>Options of which at most one can be given.</summary>
    private static readonly string[][] s_groups =
    [
        ["ro", "rw"], ["z", "Z"], ["nocopy"], ["consistent", "cached", "delegated", "default"], [NonRecursive], MountPropagation.All,
    ];

    /// <summary>Whether the source is a path on the host.</summary>
    public bool IsBind => Source?.StartsWith('/') is true;

    /// <summary>Whether it is read-only.</summary>
    public bool ReadOnly => IsReadOnly(Mode);

    /// <summary>Whether an empty volume stays empty.</summary>
    public bool NoCopy => Split(Mode).Contains("nocopy");

    /// <summary>Whether mounts below the source are left out.</summary>
    public bool IsNonRecursive => Split(Mode).Contains(NonRecursive);

    /// <summary>The propagation given; docker's default otherwise.</summary>
    public string Propagation => Split(Mode).FirstOrDefault(MountPropagation.All.Contains) ?? MountPropagation.Default;

    /// <summary>Whether options say that a mount is read-only.</summary>
    public static bool IsReadOnly(string mode) => Split(mode).Contains("ro");

    /// <summary>Whether options are known and do not contradict each other.</summary>
    public static bool IsMode(string mode) =>
        Split(mode) is var options && options.All(option => s_groups.Any(group => group.Contains(option)))
        && s_groups.All(group => options.Count(group.Contains) <= 1);

    /// <exception cref="GantryException">It is malformed, in docker's words.</exception>
    public static BindSpec Parse(string text)
    {
        var parts = text.Split(':');
        var result = parts switch
        {
            [var target] => new BindSpec(null, target, ""),
            [var source, var target] => new BindSpec(source, target, ""),
            [var source, var target, var mode] => new BindSpec(source, target, mode),
            _ => throw Invalid(text),
        };
        if (result.Source is "" || result.Target.Length == 0)
            throw Invalid(text);
        if (!IsMode(result.Mode))
            throw new GantryException(ErrorKind.System, $"invalid mode: {result.Mode}");
        var type = result.IsBind ? "bind" : "volume";
        if (MountTarget.Problem(result.Target) is { } problem)
            throw Invalid(text, type, problem);
        var options = Split(result.Mode);
        if (result.IsBind && result.NoCopy)
            throw Invalid(text, type, "field VolumeOptions must not be specified");
        if (!result.IsBind && options.Any(option => option is NonRecursive || MountPropagation.All.Contains(option)))
            throw Invalid(text, type, "field BindOptions must not be specified");
        return result with { Target = MountTarget.Clean(result.Target) };
    }

    private static string[] Split(string mode) => mode.Split(',', StringSplitOptions.RemoveEmptyEntries);

    // Docker answers these with 500, unlike all else that is malformed; so that clients find what they know, so is this.
    // docker answers 500 to these: it is the sender's fault all the same.
    private static GantryException Invalid(string text) => new(ErrorKind.InvalidArgument, $"invalid volume specification: '{text}'");

    private static GantryException Invalid(string text, string type, string problem) =>
        new(ErrorKind.InvalidArgument, $"invalid volume specification: '{text}': invalid mount config for type \"{type}\": {problem}");
}
