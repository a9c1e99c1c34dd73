using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>One entry of <c>HostConfig.Binds</c>: <c>source:target[:options]</c>, where a source without a slash names a volume.</summary>
/// <param name="Source">A path on the host or a volume's name; null: an anonymous volume.</param>
/// <param name="Target">The absolute path in the container.</param>
/// <param name="Mode">The options as written.</param>
internal sealed record BindSpec(string? Source, string Target, string Mode)
{
    private static readonly string[] s_propagations = ["shared", "slave", "private", "rshared", "rslave", "rprivate"];

    /// <summary>Whether the source is a path on the host.</summary>
    public bool IsBind => Source?.StartsWith('/') is true;

    /// <summary>Whether it is read-only.</summary>
    public bool ReadOnly => Options.Contains("ro");

    /// <summary>Whether an empty volume stays empty.</summary>
    public bool NoCopy => Options.Contains("nocopy");

    /// <summary>The propagation given; docker's default otherwise.</summary>
    public string Propagation => Options.FirstOrDefault(s_propagations.Contains) ?? "rprivate";

    private string[] Options => Mode.Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <exception cref="GantryException">It is malformed (InvalidArgument).</exception>
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
        if (!result.Target.StartsWith('/'))
            throw GantryException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"{(result.IsBind ? "bind" : "volume")}\": invalid mount path: '{result.Target}' mount path must be absolute");
        if (Path.GetFullPath(result.Target) == "/")
            throw GantryException.Invalid($"invalid volume specification: '{text}': invalid mount config for type \"{(result.IsBind ? "bind" : "volume")}\": invalid specification: destination can't be '/'");
        foreach (var option in result.Options)
            result.CheckOption(option);
        return result with { Target = Path.GetFullPath(result.Target).TrimEnd('/') };
    }

    private void CheckOption(string option)
    {
        var known = option is "ro" or "rw" or "z" or "Z" or "nocopy" or "consistent" or "cached" or "delegated" or "default"
            || (IsBind && (s_propagations.Contains(option) || option is "bind-nonrecursive"));
        if (!known || (IsBind && option is "nocopy"))
            throw GantryException.Invalid($"invalid mode: {Mode}");
    }

    private static GantryException Invalid(string text) => GantryException.Invalid($"invalid volume specification: '{text}'");
}
