using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Import;

/// <summary>A configuration being changed: a copy that shares no list with what it was made from.</summary>
internal sealed class ConfigEditor(ImageRunConfig original)
{
    internal ImageRunConfig Config { get; } = original with
    {
        Env = original.Env is null ? null : [.. original.Env],
        Labels = original.Labels is null ? null : new Dictionary<string, string>(original.Labels),
        ExposedPorts = original.ExposedPorts is null ? null : new Dictionary<string, EmptyObject>(original.ExposedPorts),
        Volumes = original.Volumes is null ? null : new Dictionary<string, EmptyObject>(original.Volumes),
        OnBuild = original.OnBuild is null ? null : [.. original.OnBuild],
    };

    internal string Expand(string word) => Words.Expand(word, Variable);

    internal void SetVariable(string name, string value)
    {
        var list = Config.Env ??= [];
        var at = list.FindIndex(entry => entry.StartsWith(name + "=", StringComparison.Ordinal));
        if (at < 0)
            list.Add($"{name}={value}");
        else
            list[at] = $"{name}={value}";
    }

    /// <summary>A port, or a range of ports, with an optional protocol.</summary>
    internal void Expose(string text)
    {
        var slash = text.IndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        var ports = slash < 0 ? text : text[..slash];
        var dash = ports.IndexOf('-');
        if (protocol is not ("tcp" or "udp" or "sctp"))
            throw GantryException.Invalid($"invalid proto: {protocol}");
        if (!ushort.TryParse(dash < 0 ? ports : ports[..dash], out var first) || !ushort.TryParse(dash < 0 ? ports : ports[(dash + 1)..], out var last) || last < first)
            throw GantryException.Invalid($"invalid containerPort: {text}");
        for (var port = (int)first; port <= last; port++)
            (Config.ExposedPorts ??= [])[$"{port}/{protocol}"] = new EmptyObject();
    }

    internal void SetWorkingDirectory(string path)
    {
        var folder = path.StartsWith('/') ? path : $"{(string.IsNullOrEmpty(Config.WorkingDir) ? "/" : Config.WorkingDir)}/{path}";
        Config.WorkingDir = Path.GetFullPath(folder) is { Length: > 1 } full ? full.TrimEnd('/') : "/";
    }

    private string? Variable(string name)
    {
        foreach (var entry in Config.Env ?? [])
        {
            if (entry.StartsWith(name + "=", StringComparison.Ordinal))
                return entry[(name.Length + 1)..];
        }
        return null;
    }
}
