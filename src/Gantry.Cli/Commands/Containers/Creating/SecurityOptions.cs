using System.Text.Json;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The values of <c>--security-opt</c> as the API takes them.</summary>
/// <param name="Options">The options; a seccomp profile is there as JSON, as the daemon cannot read the client's files. Null when there is none.</param>
/// <param name="UnconfinedPaths">Whether no system path is masked or read-only (<c>systempaths=unconfined</c>).</param>
internal sealed record SecurityOptions(IReadOnlyList<string>? Options, bool UnconfinedPaths)
{
    /// <summary>Reads the values.</summary>
    /// <exception cref="CommandException">One is malformed, or a profile cannot be read.</exception>
    public static SecurityOptions Read(IReadOnlyList<string> values)
    {
        var options = new List<string>();
        var unconfined = false;
        foreach (var value in values)
        {
            if (value == "systempaths=unconfined")
            {
                unconfined = true;
                continue;
            }
            var separator = value.IndexOf('=', StringComparison.Ordinal);
            if (separator < 0 && value != "no-new-privileges")
                separator = value.IndexOf(':', StringComparison.Ordinal);
            if (separator < 0 && value != "no-new-privileges")
                throw new CommandException($"Invalid --security-opt: {GoJson.Write(value, escapeHtml: false)}");
            var isProfile = separator >= 0 && value.AsSpan(0, separator).SequenceEqual("seccomp")
                && value[(separator + 1)..] is not ("unconfined" or "builtin");
            options.Add(isProfile ? "seccomp=" + ReadProfile(value[(separator + 1)..]) : value);
        }
        return new SecurityOptions(options.Count > 0 || unconfined ? options : null, unconfined);
    }

    private static string ReadProfile(string path)
    {
        string text;
        try
        {
            text = FileArgument.ReadText(path);
        }
        catch (CommandException error)
        {
            throw new CommandException($"opening seccomp profile ({path}) failed: {error.Message}");
        }
        try
        {
            using var document = JsonDocument.Parse(text);
            return GoJson.Write(JsonTemplateMap.Wrap(document.RootElement), escapeHtml: false);
        }
        catch (JsonException error)
        {
            throw new CommandException($"compacting json for seccomp profile ({path}) failed: {error.Message}");
        }
    }
}
