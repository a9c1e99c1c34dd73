using Gantry.Api.Model;
using Gantry.Oci.Images;
using EmptyObject = Gantry.Oci.Images.EmptyObject;

namespace Gantry.Engine.Filesystem;

/// <summary>The configuration of an image that is made from a container.</summary>
internal static class CommittedConfig
{
    /// <summary>The part of a container's configuration that an image can have.</summary>
    public static ImageRunConfig From(ContainerConfig config) => new()
    {
        User = NoneIfEmpty(config.User),
        ExposedPorts = ToSet(config.ExposedPorts?.Keys),
        Env = config.Env?.ToList(),
        Entrypoint = config.Entrypoint?.ToList(),
        Cmd = config.Cmd?.ToList(),
        Healthcheck = config.Healthcheck is { } check ? From(check) : null,
        ArgsEscaped = config.ArgsEscaped ? true : null,
        Volumes = ToSet(config.Volumes?.Keys),
        WorkingDir = NoneIfEmpty(config.WorkingDir),
        OnBuild = config.OnBuild?.ToList(),
        Labels = config.Labels is { Count: > 0 } labels ? new Dictionary<string, string>(labels) : null,
        StopSignal = config.StopSignal,
        StopTimeout = config.StopTimeout,
        Shell = config.Shell?.ToList(),
    };

    /// <summary>What the user asked for, its gaps filled from the container: docker's rules, field by field.</summary>
    public static ImageRunConfig Merge(ImageRunConfig user, ImageRunConfig container)
    {
        var ownEntrypoint = user.Entrypoint is { Count: > 0 };
        return new ImageRunConfig
        {
            User = user.User ?? container.User,
            ExposedPorts = Union(user.ExposedPorts, container.ExposedPorts),
            Env = Environments(user.Env, container.Env),
            Entrypoint = user.Entrypoint ?? container.Entrypoint,
            // An entrypoint of the user's takes the place of the container's command as well.
            Cmd = ownEntrypoint || user.Cmd is { Count: > 0 } ? user.Cmd : container.Cmd,
            Healthcheck = user.Healthcheck ?? container.Healthcheck,
            ArgsEscaped = user.ArgsEscaped ?? container.ArgsEscaped,
            Volumes = Union(user.Volumes, container.Volumes),
            WorkingDir = user.WorkingDir ?? container.WorkingDir,
            OnBuild = user.OnBuild ?? container.OnBuild,
            Labels = Union(user.Labels, container.Labels),
            StopSignal = user.StopSignal ?? container.StopSignal,
            StopTimeout = user.StopTimeout ?? container.StopTimeout,
            Shell = user.Shell ?? container.Shell,
        };
    }

    private static ImageHealthcheck From(HealthConfig check) => new()
    {
        Test = check.Test?.ToList(),
        Interval = check.Interval,
        Timeout = check.Timeout,
        StartPeriod = check.StartPeriod,
        StartInterval = check.StartInterval,
        Retries = check.Retries,
    };

    private static List<string>? Environments(List<string>? user, List<string>? container)
    {
        var names = (user ?? []).Select(NameOf).ToHashSet();
        return user is null && container is null ? null : [.. (container ?? []).Where(entry => !names.Contains(NameOf(entry))), .. user ?? []];
    }

    private static string NameOf(string entry) => entry.IndexOf('=') is >= 0 and var at ? entry[..at] : entry;

    private static Dictionary<string, T>? Union<T>(Dictionary<string, T>? user, Dictionary<string, T>? container)
    {
        if (user is null || container is null)
            return user ?? container;
        var result = new Dictionary<string, T>(container);
        foreach (var (key, value) in user)
            result[key] = value;
        return result;
    }

    private static Dictionary<string, EmptyObject>? ToSet(IEnumerable<string>? names) => names?.ToDictionary(name => name, _ => new EmptyObject());

    private static string? NoneIfEmpty(string text) => text.Length > 0 ? text : null;
}
