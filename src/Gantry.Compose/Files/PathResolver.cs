using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Makes the paths of a model absolute.</summary>
/// <param name="folder">What relative ones are relative to.</param>
/// <param name="home">The user's home for <c>~</c>, or null.</param>
internal sealed class PathResolver(string folder, string? home)
{
    /// <summary>Changes a model in its long form.</summary>
    public void Apply(MapValue model)
    {
        foreach (var service in model.Maps("services"))
            ApplyToService(service);
        foreach (var kind in (string[])["configs", "secrets"])
            foreach (var resource in model.Maps(kind))
                Change(resource, "file", Absolute);
        foreach (var volume in model.Maps("volumes"))
            if (volume.Text("driver") == "local" && volume.Map("driver_opts") is { } options && options.Text("o") == "bind")
                Change(options, "device", Absolute);
        foreach (var include in model.Maps("include"))
            foreach (var key in (string[])["path", "project_directory", "env_file"])
                ChangeAll(include, key);
    }

    /// <summary>The absolute path of one.</summary>
    public string Absolute(string path)
    {
        if (path.StartsWith('~') && home is not null)
            path = Join(home, path[1..]);
        var isWindows = path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/'
            || path.StartsWith(@"\\", StringComparison.Ordinal);
        return path.Length == 0 || path[0] == '/' || isWindows ? path : Join(folder, path);
    }

    /// <summary>Joins two paths and cleans the result.</summary>
    public static string Join(string folder, string path) => Model.VolumeSyntax.CleanPath($"{folder}/{path}");

    private void ApplyToService(MapValue service)
    {
        if (service.Map("build") is { } build)
        {
            Change(build, "context", Context);
            if (build.Map("additional_contexts") is { } contexts)
                foreach (var name in contexts.Keys.ToArray())
                    Change(contexts, name, Context);
            if (build.Map("ssh") is { } keys)
                foreach (var name in keys.Keys.ToArray())
                    Change(keys, name, Absolute);
        }
        foreach (var file in service.Maps("env_file"))
            Change(file, "path", Absolute);
        ChangeAll(service, "label_file");
        if (service.Map("extends") is { } extends)
            Change(extends, "file", Absolute);
        foreach (var watch in service.Map("develop")?.Maps("watch") ?? [])
            Change(watch, "path", path => FollowLinks(Absolute(path)));
        foreach (var volume in service.Maps("volumes"))
        {
            if (volume.Text("type") != "bind")
                continue;
            if (!volume.Contains("source"))
                throw new ComposeException("invalid mount config for type \"bind\": field Source must not be empty");
            Change(volume, "source", Source);
        }
    }

    private string Source(string path) => path.Length == 0 ? Join(folder, ".") : Absolute(path);

    private string Context(string path)
    {
        string[] remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
        return path.Contains("://", StringComparison.Ordinal) || remote.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)) ? path
            : Absolute(path);
    }

    private static string FollowLinks(string path)
    {
        var resolved = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            resolved += "/" + part;
            if (!Path.Exists(resolved))
                continue;
            if (new DirectoryInfo(resolved).ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target)
                resolved = target.FullName;
        }
        return resolved.Length == 0 ? path : resolved;
    }

    private static void Change(MapValue owner, string key, Func<string, string> change)
    {
        if (owner[key] is ScalarValue { Kind: ScalarKind.Text } text)
            owner[key] = ScalarValue.Of(change(text.Text), text.At);
    }

    private void ChangeAll(MapValue owner, string key)
    {
        if (owner[key] is ListValue list)
        {
            for (var index = 0; index < list.Items.Count; index++)
                list.Items[index] = ScalarValue.Of(Absolute(list.Items[index].ToString()!), list.Items[index].At);
        }
        else
        {
            Change(owner, key, Absolute);
        }
    }
}
