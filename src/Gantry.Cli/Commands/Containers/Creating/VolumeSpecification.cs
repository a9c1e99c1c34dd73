namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>Reads values of <c>--volume</c> as docker's client does; what is in their sections is the daemon's to judge.</summary>
internal static class VolumeSpecification
{
    // Source, target and options.
    private const int Most = 3;

    /// <summary>Whether a value names what is mounted; otherwise the whole of it is the path of an anonymous volume.</summary>
    /// <exception cref="CommandException">It has no such form.</exception>
    internal static bool HasSource(string value)
    {
        if (value.Length == 0)
            throw new CommandException("invalid empty volume spec");
        // Docker's client takes what is as short as this for a path, whatever it is.
        if (value.Length <= 2)
            return false;
        var sections = Sections(value);
        var empty = sections.IndexOf("");
        if (empty is >= 0 and < Most)
            throw new CommandException($"invalid spec: {value}: empty section between colons");
        if (sections.Count > Most)
            throw new CommandException($"invalid spec: {value}: too many colons");
        return sections.Count > 1;
    }

    /// <summary>What is between the colons. One behind a single letter belongs to it: it may be a drive of Windows.</summary>
    private static List<string> Sections(string value)
    {
        var sections = new List<string> { "" };
        foreach (var c in value)
        {
            if (c == ':' && !(sections[^1].Length == 1 && char.IsLetter(sections[^1][0])))
                sections.Add("");
            else
                sections[^1] += c;
        }
        return sections;
    }
}
