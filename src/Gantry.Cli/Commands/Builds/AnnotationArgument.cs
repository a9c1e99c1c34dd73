namespace Gantry.Cli.Commands.Builds;

/// <summary>Reads <c>--annotation [PLACE[PLATFORM][,…]:]KEY=VALUE</c>.</summary>
internal static class AnnotationArgument
{
    /// <summary>The attribute of an output that means it, e.g. <c>annotation-index.org.opencontainers.image.title</c>.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new CommandException($"invalid annotation \"{text}\", expected key=value");
        var (key, value) = (text[..equals], text[(equals + 1)..]);
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return KeyValuePair.Create($"annotation.{key}", value);
        var place = key[..colon];
        if (place.Contains(',', StringComparison.Ordinal))
            throw new CommandException($"annotation \"{text}\": give one place at a time, each with an --annotation of its own");
        return KeyValuePair.Create($"annotation-{place}.{key[(colon + 1)..]}", value);
    }
}
