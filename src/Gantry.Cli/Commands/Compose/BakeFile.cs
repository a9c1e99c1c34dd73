using System.Globalization;
using Gantry.Compose.Model;
using Gantry.Compose.Output;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Compose;

/// <summary>The builds of a project as a file of buildx bake: what <c>compose build --print</c> shows.</summary>
internal static class BakeFile
{
    /// <summary>Writes it.</summary>
    public static string Write(Project project, IReadOnlyList<Service> services, BuildChanges changes)
    {
        var all = new SortedDictionary<string, Service>(StringComparer.Ordinal);
        var left = new Queue<Service>(services);
        while (left.TryDequeue(out var service))
            if (all.TryAdd(service.Name, service))
                foreach (var name in new BuildSection(project, service).Bases)
                    left.Enqueue(project.Buildable(name));
        var targets = new MapValue();
        foreach (var service in all.Values)
            targets[service.Name] = Target(new BuildSection(project, service), project, changes);
        return JsonText.Write(Map(("group", Map(("default", Map(("targets", ListValue.Of(all.Keys)))))), ("target", targets)), indented: true);
    }

    private static MapValue Target(BuildSection section, Project project, BuildChanges changes)
    {
        var build = section.Definition;
        var folder = build.Text("context");
        var inline = build.Text("dockerfile_inline");
        return Map(
            ("context", ScalarValue.Of(folder)),
            ("contexts", Texts(build.TextMap("additional_contexts")
                .Select(static context => KeyValuePair.Create(context.Key, context.Value.Replace("service:", "target:", StringComparison.Ordinal))))),
            ("dockerfile-inline", Text(inline)),
            ("dockerfile", Text(inline.Length > 0 ? "" : Path.GetFullPath(build.Text("dockerfile") is { Length: > 0 } file ? file : "Dockerfile", folder))),
            ("args", Texts(section.Arguments(changes.Arguments))),
            ("labels", Texts(section.ImageLabels())),
            ("tags", ListValue.Of([.. build.Texts("tags"), section.Image])),
            ("cache-from", List(build.Texts("cache_from"))),
            ("cache-to", List(build.Texts("cache_to"))),
            ("target", Text(build.Text("target"))),
            ("secret", List([.. build.Maps("secrets").Select(secret => Secret(secret, project.Secrets[secret.Text("source")]))])),
            ("ssh", List([.. (build.Map("ssh")?.Entries ?? []).Select(static key => $"{key.Key}={(key.Value.IsNull ? "" : key.Value)}")])),
            ("platforms", List(build.Texts("platforms"))),
            ("pull", build.Flag("pull") ? ScalarValue.Of(true) : null),
            ("no-cache", build.Flag("no_cache") ? ScalarValue.Of(true) : null),
            ("network", Text(build.Text("network"))),
            ("no-cache-filter", List(build.Texts("no_cache_filter"))),
            ("shm-size", build.Number("shm_size") is > 0 and var bytes ? ScalarValue.Of(bytes.ToString(CultureInfo.InvariantCulture)) : null),
            ("ulimits", List(
                [.. (build.Map("ulimits")?.Entries ?? []).Select(static limit =>
                    limit.Value is MapValue both ? $"{limit.Key}={both.Number("soft")}:{both.Number("hard")}" : $"{limit.Key}={limit.Value}")])),
            ("entitlements", List(build.Texts("entitlements"))),
            ("extra-hosts", Texts((build.Map("extra_hosts")?.Entries ?? [])
                .Select(static host => KeyValuePair.Create(host.Key, string.Join(',', ((ListValue)host.Value).Items))))),
            ("output", ListValue.Of(["type=docker"])),
            ("attest", List([.. Attestation(build, "provenance"), .. Attestation(build, "sbom")])));
    }

    private static IEnumerable<string> Attestation(MapValue build, string type) => build.Text(type) switch
    {
        "" or "false" => [],
        "true" => [$"type={type}"],
        var options => [$"type={type},{options}"],
    };

    private static string Secret(MapValue mount, MapValue source)
    {
        var name = mount.Text("target") is { Length: > 0 } target ? target : mount.Text("source");
        return source.Text("environment") is { Length: > 0 } variable ? $"id={name},type=env,env={variable}" : $"id={name},type=file,src={source.Text("file")}";
    }

    private static MapValue Map(params ReadOnlySpan<(string Key, Value? Value)> entries)
    {
        var map = new MapValue();
        foreach (var (key, value) in entries)
            if (value is not null)
                map[key] = value;
        return map;
    }

    private static ScalarValue? Text(string text) => text.Length > 0 ? ScalarValue.Of(text) : null;

    private static ListValue? List(IReadOnlyList<string> texts) => texts.Count > 0 ? ListValue.Of(texts) : null;

    private static MapValue? Texts(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var map = new MapValue();
        foreach (var (key, value) in entries)
            map[key] = ScalarValue.Of(value);
        return map.Count > 0 ? map : null;
    }
}
