using System.Text.RegularExpressions;
using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Engine.Logs;

/// <summary>What log drivers tell of the container that a line comes from: its tag, and the labels and variables that were chosen.</summary>
/// <param name="container">The container.</param>
internal sealed class LogSubject(Container container)
{
    private const int ShortLength = 12;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    /// <summary>The container.</summary>
    public Container Container => container;

    /// <summary>The options it was given.</summary>
    public IReadOnlyDictionary<string, string> Options => container.HostConfig.LogConfig.Config ?? new Dictionary<string, string>();

    /// <summary>The first twelve digits of its ID.</summary>
    public string ShortId => container.Id[..ShortLength];

    /// <summary>The tag; the short ID unless the option <c>tag</c> says otherwise.</summary>
    public string Tag => ExpandTag(Options.GetValueOrDefault("tag", "{{.ID}}"), Field);

    /// <summary>An option's value, or a default.</summary>
    public string Option(string name, string otherwise) => Options.TryGetValue(name, out var value) && value.Length > 0 ? value : otherwise;

    /// <summary>
    /// Labels and variables that the options <c>labels</c>, <c>labels-regex</c>, <c>env</c> and <c>env-regex</c> choose.
    /// </summary>
    public Dictionary<string, string> Attributes()
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        Choose(result, "labels", container.Config.Labels ?? new Dictionary<string, string>());
        Choose(result, "env", (container.Config.Env ?? []).Select(entry => entry.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1]));
        return result;
    }

    /// <summary>Puts values into a template of docker's, such as <c>{{.Name}}/{{.ID}}</c>.</summary>
    /// <exception cref="GantryException">It has something that is no field (InvalidArgument).</exception>
    public static string ExpandTag(string template, Func<string, string?> field)
    {
        var result = new System.Text.StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : template.IndexOf("}}", open, StringComparison.Ordinal);
            if (open < 0)
                return result.Append(template, at, template.Length - at).ToString();
            var name = close < 0 ? "" : template[(open + 2)..close].Trim();
            var value = name.StartsWith('.') ? field(name[1..]) : null;
            result.Append(template, at, open - at)
                .Append(value ?? throw GantryException.Invalid(
                    $"invalid tag \"{template}\" in log options: fields are ID, FullID, Name, ImageID, ImageFullID, ImageName, Command and DaemonName, e.g. {{{{.Name}}}}"));
            at = close + 2;
        }
        return result.ToString();
    }

    /// <summary>Whether a field exists, for checks before there is a container.</summary>
    public static string? KnownField(string name) =>
        name is "ID" or "FullID" or "Name" or "ImageID" or "ImageFullID" or "ImageName" or "Command" or "DaemonName" ? "" : null;

    private string? Field(string name) => name switch
    {
        "ID" => ShortId,
        "FullID" => container.Id,
        "Name" => container.Name,
        "ImageID" => container.ImageId["sha256:".Length..][..ShortLength],
        "ImageFullID" => container.ImageId,
        "ImageName" => container.ImageName,
        "Command" => string.Join(' ', container.Args.Prepend(container.Path)),
        "DaemonName" => "gantry",
        _ => null,
    };

    private void Choose(Dictionary<string, string> result, string option, IReadOnlyDictionary<string, string> values)
    {
        var names = Option(option, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
        {
            if (values.TryGetValue(name, out var value))
                result[name] = value;
        }
        if (Option(option + "-regex", "") is not { Length: > 0 } pattern)
            return;
        var regex = new Regex(pattern, RegexOptions.CultureInvariant, s_patience);
        foreach (var (name, value) in values)
        {
            if (regex.IsMatch(name))
                result[name] = value;
        }
    }
}
