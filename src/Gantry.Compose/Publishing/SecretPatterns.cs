using System.Text.RegularExpressions;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Publishing;

/// <summary>A value that looks like a secret.</summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Value">The value.</param>
public sealed record SuspectedSecret(string Kind, string Place, string Value);

/// <summary>Looks for what should not be published: keys of services by their forms, keys of cryptography, passwords by their names.</summary>
internal static partial class SecretPatterns
{
    private static readonly (string Kind, Regex Form)[] s_forms =
    [
        ("AWS Client ID", AwsKey()), ("Github authentication", GitHubToken()), ("URL with password", UrlWithPassword()), ("JSON Web Token", WebToken()),
        ("Private key", PrivateKey()), ("Slack token", SlackToken()),
    ];

    /// <summary>The values of a model that look like secrets.</summary>
    public static IEnumerable<SuspectedSecret> Find(Value value, string path = "")
    {
        switch (value)
        {
            case MapValue map:
                foreach (var (key, child) in map.Entries)
                    foreach (var found in Find(child, path.Length == 0 ? key : $"{path}.{key}"))
                        yield return found;
                break;
            case ListValue list:
                for (var index = 0; index < list.Items.Count; index++)
                    foreach (var found in Find(list.Items[index], $"{path}.{index}"))
                        yield return found;
                break;
            case ScalarValue { Kind: ScalarKind.Text } scalar when Classify(path, scalar.Text) is { } kind:
                yield return new SuspectedSecret(kind, path, scalar.Text);
                break;
        }
    }

    /// <summary>The lines of a file of other kinds that look like secrets: <c>NAME=value</c>, or keys of cryptography.</summary>
    public static IEnumerable<SuspectedSecret> FindInLines(string file)
    {
        var number = 0;
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            number++;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals > 0 ? (line[..equals].Trim(), line[(equals + 1)..].Trim().Trim('"', '\'')) : ("", line);
            if (Classify(name, value) is { } kind)
                yield return new SuspectedSecret(kind, $"{file}:{number}", value);
        }
    }

    private static string? Classify(string name, string value)
    {
        foreach (var (kind, form) in s_forms)
            if (form.IsMatch(value))
                return kind;
        // A reference to a variable is none, nor is the path of a file that a container has it in.
        return SecretName().IsMatch(name[(name.LastIndexOf('.') + 1)..]) && value.Length >= 8 && !value.StartsWith('$') && !value.StartsWith('/')
            && !value.Contains(' ', StringComparison.Ordinal)
            && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter)
            ? "Keyword Detector"
            : null;
    }

    [GeneratedRegex(@"\b(AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[0-9A-Z]{16}\b")]
    private static partial Regex AwsKey();

    [GeneratedRegex(@"\b(gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{22,})")]
    private static partial Regex GitHubToken();

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://[^\s:/@$]*:[^\s:/@$]+@")]
    private static partial Regex UrlWithPassword();

    [GeneratedRegex(@"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*")]
    private static partial Regex WebToken();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\bxox[abposr]-[0-9A-Za-z-]{10,}")]
    private static partial Regex SlackToken();

    [GeneratedRegex("(password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credential)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
