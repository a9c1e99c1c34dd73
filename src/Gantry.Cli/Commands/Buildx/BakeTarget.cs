using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Makes the arguments of <c>build</c> of a target.</summary>
internal static class BakeTarget
{
    private static readonly Dictionary<string, string> s_lists = new()
    {
        ["tags"] = "--tag", ["cache-from"] = "--cache-from", ["cache-to"] = "--cache-to", ["output"] = "--output", ["secret"] = "--secret", ["ssh"] = "--ssh",
        ["attest"] = "--attest",
        ["annotations"] = "--annotation", ["no-cache-filter"] = "--no-cache-filter", ["ulimits"] = "--ulimit", ["entitlements"] = "--allow",
    };

    private static readonly Dictionary<string, string> s_maps = new() { ["args"] = "--build-arg", ["labels"] = "--label", ["extra-hosts"] = "--add-host" };

    private static readonly Dictionary<string, string> s_texts = new() { ["target"] = "--target", ["network"] = "--network", ["shm-size"] = "--shm-size",
        ["call"] = "--call" };

    private static readonly string[] s_known = [
        "context", "contexts", "dockerfile", "dockerfile-inline", "platforms", "no-cache", "pull", "description", "name"];

    /// <summary>Whether an attribute, by the name that <c>--set</c> has for it, is a list.</summary>
    public static bool IsList(string key) => key is "platform" or "tags" || s_lists.ContainsKey(key);

    /// <summary>With the names that files have: <c>--set</c> says <c>platform</c>.</summary>
    public static MapValue Named(MapValue change)
    {
        if (change["platform"] is not { } platforms)
            return change;
        change.Remove("platform");
        change["platforms"] = platforms;
        return change;
    }

    /// <summary>The arguments.</summary>
    /// <param name="name">The target's name.</param>
    /// <param name="target">What it says.</param>
    /// <param name="images">The names of images that contexts of other targets have become.</param>
    /// <param name="inlineFile">A file for a Dockerfile that is written in the target; null: it is not.</param>
    /// <exception cref="CommandException">It says what is not known.</exception>
    public static List<string> Arguments(string name, MapValue target, IReadOnlyDictionary<string, string> images, string? inlineFile)
    {
        var arguments = new List<string>();
        foreach (var key in target.Keys)
        {
            if (s_lists.TryGetValue(key, out var flag))
                arguments.AddRange(Items(target[key]!).SelectMany(item => new[] { flag, item }));
            else if (s_maps.TryGetValue(key, out var map))
                arguments.AddRange(target.TextMap(key)
                    .SelectMany(pair => new[] { map, key == "extra-hosts" ? $"{pair.Key}:{pair.Value}" : $"{pair.Key}={pair.Value}" }));
            else if (s_texts.TryGetValue(key, out var text))
                AddText(arguments, text, target.Text(key));
            else if (!s_known.Contains(key))
                throw new CommandException($"target {name}: {key} is not known");
        }
        var platforms = target.Texts("platforms");
        if (platforms.Count > 0)
            arguments.AddRange(["--platform", string.Join(',', platforms)]);
        foreach (var flag in ((string[])["no-cache", "pull"]).Where(target.Flag))
            arguments.Add($"--{flag}");
        foreach (var (context, place) in target.TextMap("contexts"))
            arguments.AddRange(["--build-context",
                $"{context}={(place.StartsWith("target:", StringComparison.Ordinal) ? $"docker-image://{images[place["target:".Length..]]}" : place)}"]);
        var folder = target.Text("context") is { Length: > 0 } given ? given : ".";
        var dockerfile = inlineFile ?? target.Text("dockerfile");
        if (dockerfile.Length > 0)
            arguments.AddRange(["--file", inlineFile is null && Directory.Exists(folder) ? Path.Combine(folder, dockerfile) : dockerfile]);
        arguments.Add(folder);
        return arguments;
    }

    private static void AddText(List<string> arguments, string flag, string value)
    {
        if (value.Length > 0)
            arguments.AddRange([flag, value]);
    }

    /// <summary>Items of a list; one that is an object is a text as flags have it: <c>type=registry,ref=…</c>.</summary>
    private static IEnumerable<string> Items(Value value) => value switch
    {
        ListValue list => list.Items.SelectMany(Items),
        MapValue map => [string.Join(',', map.Entries.Select(static pair => $"{pair.Key}={pair.Value}"))],
        ScalarValue { Text.Length: > 0 } scalar => [scalar.Text],
        _ => [],
    };
}
