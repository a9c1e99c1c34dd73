namespace Gantry.Engine.Spec;

/// <summary>The host's resolv.conf(5).</summary>
/// <param name="Servers">Whom it asks.</param>
/// <param name="Search">The search list.</param>
/// <param name="Options">Its options.</param>
internal sealed record HostResolver(IReadOnlyList<string> Servers, IReadOnlyList<string> Search, IReadOnlyList<string> Options)
{
    private const string Path = "/etc/resolv.conf";

    /// <summary>Reads it as it is now; empty when there is none.</summary>
    public static HostResolver Read()
    {
        var (servers, options) = (new List<string>(), new List<string>());
        IReadOnlyList<string> search = [];
        foreach (var line in File.Exists(Path) ? File.ReadAllLines(Path) : [])
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
                continue;
            switch (words[0])
            {
                case "nameserver":
                    servers.Add(words[1]);
                    break;
                case "search" or "domain":
                    search = words[1..]; // The last one counts.
                    break;
                case "options":
                    options.AddRange(words[1..]);
                    break;
            }
        }
        return new HostResolver(servers, search, options);
    }

    /// <summary>Whether an option says from how many dots on a name is looked up as it is.</summary>
    public static bool IsNdots(string option) => option.StartsWith("ndots:", StringComparison.Ordinal);
}
