using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Import;

/// <summary>
/// Changes of an image's configuration in Dockerfile syntax: <c>--change</c> of <c>docker import</c> and <c>docker commit</c>.
/// </summary>
public static class ConfigChanges
{
    /// <summary>Applies changes one after another.</summary>
    /// <param name="config">What there is; it is not changed.</param>
    /// <param name="changes">Instructions such as <c>CMD ["sh"]</c>, one or several lines each; empty lines are passed over.</param>
    /// <exception cref="GantryException">An instruction is malformed or not allowed here.</exception>
    public static ImageRunConfig Apply(ImageRunConfig config, IEnumerable<string> changes)
    {
        var editor = new ConfigEditor(config);
        foreach (var change in changes.SelectMany(change => change.Split('\n')))
        {
            var line = change.Trim();
            if (line.Length == 0)
                continue;
            var blank = line.IndexOfAny([' ', '\t']);
            var name = (blank < 0 ? line : line[..blank]).ToUpperInvariant();
            var arguments = blank < 0 ? "" : line[blank..].Trim();
            if (arguments.Length == 0)
                throw GantryException.Invalid($"{name} requires at least one argument");
            Apply(editor, name, arguments);
        }
        return editor.Config;
    }

    private static void Apply(ConfigEditor editor, string name, string arguments)
    {
        switch (name)
        {
            case "CMD":
                editor.Config.Cmd = Command(editor, arguments);
                break;
            case "ENTRYPOINT":
                editor.Config.Entrypoint = Command(editor, arguments);
                break;
            case "ENV":
                foreach (var (key, value) in Pairs(editor, name, arguments))
                    editor.SetVariable(key, value);
                break;
            case "LABEL":
                foreach (var (key, value) in Pairs(editor, name, arguments))
                    (editor.Config.Labels ??= [])[key] = value;
                break;
            case "EXPOSE":
                foreach (var word in Words.Split(arguments))
                    editor.Expose(editor.Expand(word));
                break;
            case "VOLUME":
                foreach (var path in Words.Json(arguments) ?? Words.Split(arguments))
                    (editor.Config.Volumes ??= [])[NonEmpty(editor.Expand(path).Trim())] = new EmptyObject();
                break;
            case "USER":
                editor.Config.User = editor.Expand(arguments);
                break;
            case "WORKDIR":
                editor.SetWorkingDirectory(editor.Expand(arguments));
                break;
            case "STOPSIGNAL":
                editor.Config.StopSignal = editor.Expand(arguments);
                break;
            case "HEALTHCHECK":
                editor.Config.Healthcheck = HealthcheckInstruction.Parse(arguments);
                break;
            case "ONBUILD":
                (editor.Config.OnBuild ??= []).Add(OnBuild(arguments));
                break;
            default:
                throw GantryException.Invalid($"{name} is not a valid change command");
        }
    }

    private static List<string> Command(ConfigEditor editor, string arguments) =>
        Words.Json(arguments) ?? [.. editor.Config.Shell ?? ["/bin/sh", "-c"], arguments];

    /// <summary><c>NAME=value …</c>, or the old form <c>NAME all the rest</c>.</summary>
    private static IEnumerable<(string Key, string Value)> Pairs(ConfigEditor editor, string instruction, string arguments)
    {
        var words = Words.Split(arguments);
        if (!words[0].Contains('='))
        {
            if (words.Count < 2)
                throw GantryException.Invalid($"{instruction} must have two arguments");
            yield return (editor.Expand(words[0]), editor.Expand(arguments[words[0].Length..].Trim()));
            yield break;
        }
        // All values of one instruction see the variables as they were before it.
        var pairs = new List<(string, string)>();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            if (equals < 0)
                throw GantryException.Invalid($"Syntax error - can't find = in \"{word}\". Must be of the form: name=value");
            var key = editor.Expand(word[..equals]);
            if (key.Length == 0)
                throw GantryException.Invalid($"{instruction} names can not be blank");
            pairs.Add((key, editor.Expand(word[(equals + 1)..])));
        }
        foreach (var pair in pairs)
            yield return pair;
    }

    private static string NonEmpty(string path) =>
        path.Length > 0 ? path : throw GantryException.Invalid("VOLUME specified can not be an empty string");

    private static string OnBuild(string arguments)
    {
        var trigger = arguments.Split([' ', '\t'], 2)[0].ToUpperInvariant();
        return trigger switch
        {
            "ONBUILD" => throw GantryException.Invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
            "MAINTAINER" or "FROM" => throw GantryException.Invalid($"{trigger} isn't allowed as an ONBUILD trigger"),
            _ => arguments,
        };
    }
}
