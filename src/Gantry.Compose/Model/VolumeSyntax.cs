using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>The short form of a volume: <c>[source:]target[:options]</c>.</summary>
internal static class VolumeSyntax
{
    /// <summary>The long form of a short one.</summary>
    /// <exception cref="ComposeException">It is malformed.</exception>
    public static MapValue Parse(string text, Position at = default)
    {
        if (text.Length == 0)
            throw new ComposeException("invalid empty volume spec");
        var volume = new MapValue(at);
        if (text.Length <= 2)
        {
            volume["type"] = ScalarValue.Of("volume", at);
            volume["target"] = ScalarValue.Of(text, at);
            return volume;
        }
        var parts = Split(text);
        if (parts.Any(static part => part.Length == 0))
            throw new ComposeException($"invalid spec: {text}: empty section between colons");
        if (parts.Count > 3)
            throw new ComposeException($"invalid spec: {text}: too many colons");
        var source = parts.Count > 1 ? parts[0] : "";
        var isPath = IsPath(source);
        volume["type"] = ScalarValue.Of(isPath ? "bind" : "volume", at);
        if (source.Length > 0)
            volume["source"] = ScalarValue.Of(source, at);
        volume["target"] = ScalarValue.Of(CleanPath(parts.Count > 1 ? parts[1] : parts[0]), at);
        var options = new MapValue(at);
        foreach (var option in parts.Count > 2 ? parts[2].Split(',') : [])
            AddOption(volume, options, option);
        if (isPath)
        {
            options["create_host_path"] = ScalarValue.Of(true, at);
            volume["bind"] = options;
        }
        else
        {
            if (options.Count > 0)
                volume["bind"] = options;
            if (!volume.Contains("volume"))
                volume["volume"] = new MapValue(at);
        }
        return volume;
    }

    /// <summary>A path without <c>.</c>, <c>..</c> and doubled slashes, as Go's <c>path.Clean</c> makes it.</summary>
    public static string CleanPath(string path)
    {
        if (path.Length == 0)
            return "";
        var rooted = path[0] == '/';
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".." || !rooted)
                parts.Add(part);
        }
        var clean = (rooted ? "/" : "") + string.Join('/', parts);
        return clean.Length == 0 ? "." : clean;
    }

    private static void AddOption(MapValue volume, MapValue bind, string option)
    {
        switch (option)
        {
            case "ro":
                volume["read_only"] = ScalarValue.Of(true, volume.At);
                break;
            case "rw":
                volume["read_only"] = ScalarValue.Of(false, volume.At);
                break;
            case "nocopy":
                var named = new MapValue(volume.At);
                named["nocopy"] = ScalarValue.Of(true, volume.At);
                volume["volume"] = named;
                break;
            case "rprivate" or "private" or "rshared" or "shared" or "rslave" or "slave":
                bind["propagation"] = ScalarValue.Of(option, volume.At);
                break;
            case "z" or "Z":
                bind["selinux"] = ScalarValue.Of(option, volume.At);
                break;
        }
    }

    // A colon inside ${...} or after a drive's letter separates nothing.
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '$' && at + 1 < text.Length && text[at + 1] == '{')
                depth++;
            else if (text[at] == '}' && depth > 0)
                depth--;
            else if (text[at] == ':' && depth == 0 && !(at - start == 1 && char.IsLetter(text[start])))
            {
                parts.Add(text[start..at]);
                start = at + 1;
            }
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static bool IsPath(string source) => source.Length > 0
        && (source[0] is '.' or '/' or '~' || source.StartsWith(@"\\", StringComparison.Ordinal)
            || source.Length > 1 && source[1] == ':' && char.IsLetter(source[0]));
}
