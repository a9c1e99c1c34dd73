using System.Globalization;
using Gantry.Build.Graph;
using Gantry.Oci.Values;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>Reads <c>RUN --mount=type=…</c>.</summary>
internal static class MountFlag
{
    private static readonly string[] s_names = [
        "type", "id", "target", "source", "from", "sharing", "required", "mode", "uid", "gid", "size", "env", "readonly", "readwrite"];

    /// <summary>A mount and the text of its <c>from</c>; null: it has none.</summary>
    /// <exception cref="DockerfileException">It is malformed.</exception>
    public static (StepMount Mount, string? From) Parse(string text, StageState stage, SourceRange range)
    {
        var values = Values(text, stage, range);
        var kind = Kind(values.GetValueOrDefault("type", "bind"), range);
        var target = values.GetValueOrDefault("target", "");
        var id = values.GetValueOrDefault("id", "");
        var source = values.GetValueOrDefault("source", "");
        if (target.Length > 0 && !target.StartsWith('/'))
            target = stage.Absolute(target);
        target = target.Length > 1 ? target.TrimEnd('/') : target;
        var mount = new StepMount
        {
            Kind = kind,
            Target = target,
            Id = id,
            Source = source.Length > 0 ? source : "/",
            ReadOnly = ReadOnly(values, kind, range),
            Sharing = Sharing(values.GetValueOrDefault("sharing", "shared"), range),
            Required = Flag(values, "required", range) ?? false,
            Mode = values.TryGetValue("mode", out var mode) ? Number(mode, 8, "mode", range) : null,
            UserId = values.TryGetValue("uid", out var user) ? Number(user, 10, "uid", range) : 0,
            GroupId = values.TryGetValue("gid", out var group) ? Number(group, 10, "gid", range) : 0,
            Variable = values.GetValueOrDefault("env"),
            Size = values.TryGetValue("size", out var size) ? Size(size, range) : 0,
        };
        return (Complete(mount, range), values.GetValueOrDefault("from"));
    }

    private static StepMount Complete(StepMount mount, SourceRange range)
    {
        switch (mount.Kind)
        {
            case StepMountKind.Bind or StepMountKind.Cache or StepMountKind.Tmpfs when mount.Target.Length == 0:
                throw Bad(range, "target is required");
            case StepMountKind.Cache when mount.Id.Length == 0:
                return mount with { Id = Path.GetFullPath(mount.Target) };
            case StepMountKind.Secret:
                var name = mount.Id.Length > 0 ? mount.Id : Path.GetFileName(mount.Target);
                if (name.Length == 0)
                    throw Bad(range, "either target or id is required for a secret");
                var target = mount.Target.Length > 0 || mount.Variable is not null ? mount.Target : $"/run/secrets/{Path.GetFileName(name)}";
                return mount with { Id = name, Target = target };
            case StepMountKind.Ssh when mount.Target.Length == 0:
                return mount with { Target = "/run/buildkit/ssh_agent.0" };
            default:
                return mount;
        }
    }

    private static Dictionary<string, string> Values(string text, StageState stage, SourceRange range)
    {
        var values = new Dictionary<string, string>();
        foreach (var field in text.Split(','))
        {
            var equals = field.IndexOf('=');
            var written = (equals < 0 ? field : field[..equals]).Trim().ToLowerInvariant();
            var name = written switch { "dst" or "destination" => "target", "src" => "source", "ro" => "readonly", "rw" => "readwrite", _ => written };
            if (!s_names.Contains(name))
                throw Bad(range, $"unexpected key '{written}' in '{field}'{Suggestion.For(written, s_names)}");
            if (equals < 0 && name is not ("readonly" or "readwrite" or "required"))
                throw Bad(range, $"invalid field '{field}' must be a key=value pair");
            values[name] = equals < 0 ? "true" : stage.Variables.Expand(field[(equals + 1)..], range);
        }
        return values;
    }

    private static StepMountKind Kind(string text, SourceRange range) => text switch
    {
        "bind" => StepMountKind.Bind,
        "cache" => StepMountKind.Cache,
        "tmpfs" => StepMountKind.Tmpfs,
        "secret" => StepMountKind.Secret,
        "ssh" => StepMountKind.Ssh,
        _ => throw DockerfileException.At(range, $"unsupported mount type \"{text}\"{Suggestion.For(text, ["bind", "cache", "tmpfs", "secret", "ssh"])}"),
    };

    private static CacheSharing Sharing(string text, SourceRange range) => text switch
    {
        "shared" => CacheSharing.Shared,
        "private" => CacheSharing.Private,
        "locked" => CacheSharing.Locked,
        _ => throw Bad(range, $"unsupported sharing value \"{text}\""),
    };

    private static bool ReadOnly(Dictionary<string, string> values, StepMountKind kind, SourceRange range)
    {
        if (Flag(values, "readonly", range) is { } readOnly)
            return readOnly;
        if (Flag(values, "readwrite", range) is { } readWrite)
            return !readWrite;
        return kind == StepMountKind.Bind;
    }

    private static bool? Flag(Dictionary<string, string> values, string name, SourceRange range) => values.TryGetValue(name, out var text)
        ? text switch { "true" or "1" => true, "false" or "0" => false, _ => throw Bad(range, $"invalid value for {name}: {text}") }
        : null;

    private static uint Number(string text, int radix, string name, SourceRange range)
    {
        try
        {
            return Convert.ToUInt32(text, radix);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            throw Bad(range, $"invalid value {text} for {name}");
        }
    }

    private static long Size(string text, SourceRange range)
    {
        try
        {
            return ByteSize.Parse(text);
        }
        catch (FormatException)
        {
            throw Bad(range, $"invalid value for size: {text}");
        }
    }

    private static DockerfileException Bad(SourceRange range, string message) => DockerfileException.Parse(range, message);
}
