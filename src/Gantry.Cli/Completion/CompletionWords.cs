using Gantry.Cli.Commands;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Completion;

/// <summary>What can be completed.</summary>
internal enum CompletionKind
{
    /// <summary>Nothing that is known.</summary>
    Nothing,

    /// <summary>Names of commands and groups.</summary>
    Commands,

    /// <summary>Flags of the command.</summary>
    Flags,

    /// <summary>Names of containers.</summary>
    Containers,

    /// <summary>Names of images.</summary>
    Images,

    /// <summary>Names of containers and images.</summary>
    Objects,

    /// <summary>Names of volumes.</summary>
    Volumes,

    /// <summary>Names of networks.</summary>
    Networks,

    /// <summary>Names of contexts.</summary>
    Contexts,
}

/// <summary>What the last of some words can become.</summary>
/// <param name="Kind">Things of which kind.</param>
/// <param name="Names">Names that need no daemon: commands, flags.</param>
/// <param name="Global">The flags before the command, by which the daemon is found.</param>
internal sealed record CompletionWords(CompletionKind Kind, IReadOnlyList<string> Names, IReadOnlyList<string> Global)
{
    private static readonly string[] s_ofContainers =
    [
        "attach", "commit", "cp", "diff", "exec", "export", "kill", "logs", "pause", "port", "rename", "restart", "rm", "remove", "start", "stats", "stop",
        "top", "unpause", "update", "wait",
    ];

    private static readonly string[] s_ofImages = ["run", "create", "history", "push", "pull", "rmi", "save", "tag"];

    /// <summary>Finds out.</summary>
    /// <param name="words">The words after the program's name; the last is the one to complete, and may be empty.</param>
    /// <param name="further">Commands that the program has besides those of this library.</param>
    public static CompletionWords Of(IReadOnlyList<string> words, IReadOnlyList<string> further)
    {
        // 1. The flags before the command.
        var globals = new Session.GlobalOptions(new FlagSet()).Flags;
        var at = 0;
        while (at < words.Count - 1 && words[at].StartsWith('-'))
            at += TakesNext(globals, words[at]) ? 2 : 1;
        if (at >= words.Count)
            return Of(CompletionKind.Nothing, words, at);
        var global = words.Take(at).ToList();
        var rest = words.Skip(at).ToList();
        var current = rest[^1];

        // 2. The command, or what it may be.
        if (rest.Count == 1)
            return current.StartsWith('-') ? new CompletionWords(CompletionKind.Flags, FlagNames(globals), global)
                : new CompletionWords(CompletionKind.Commands, [.. TopLevel(), .. further], global);
        var group = string.Join(' ', rest.SkipLast(1));
        if (CommandTable.IsGroup(group))
            return new CompletionWords(CompletionKind.Commands, [.. CommandTable.ChildrenOf(group).Select(static child => child.Name)], global);
        if (CommandTable.Find(rest) is not ({ } entry, var path, var used))
            return new CompletionWords(CompletionKind.Nothing, [], global);

        // 3. Its flags, a flag's value, or what it is about.
        var flags = new FlagSet();
        entry.Create(flags);
        if (current.StartsWith('-'))
            return new CompletionWords(CompletionKind.Flags, FlagNames(flags), global);
        if (rest.Count > used + 1 && rest[^2].StartsWith('-') && TakesNext(flags, rest[^2]))
            return new CompletionWords(OfFlag(rest[^2]), [], global);
        return new CompletionWords(OfCommand(path, HasSubject(flags, rest, used)), [], global);
    }

    private static CompletionWords Of(CompletionKind kind, IReadOnlyList<string> words, int at) => new(kind, [], [.. words.Take(at)]);

    private static IEnumerable<string> TopLevel() =>
        CommandTable.ChildrenOf(null).Select(static child => child.Name).Distinct();

    private static IReadOnlyList<string> FlagNames(FlagSet flags) =>
        [.. flags.Flags.Where(static flag => !flag.Hidden).Select(static flag => "--" + flag.Name), "--help"];

    /// <summary>Whether a word is a flag whose value is the next word.</summary>
    private static bool TakesNext(FlagSet flags, string word)
    {
        if (word.Contains('=', StringComparison.Ordinal))
            return false;
        var flag = word.StartsWith("--", StringComparison.Ordinal)
            ? flags.Flags.FirstOrDefault(flag => flag.Name == word[2..])
            : flags.Flags.FirstOrDefault(flag => flag.Shorthand == word[^1]);
        return flag is { IsSwitch: false };
    }

    /// <summary>Whether one argument is there already, before the one to complete.</summary>
    private static bool HasSubject(FlagSet flags, List<string> words, int used)
    {
        for (var at = used; at < words.Count - 1; at++)
        {
            if (!words[at].StartsWith('-'))
                return true;
            if (TakesNext(flags, words[at]))
                at++;
        }
        return false;
    }

    private static CompletionKind OfFlag(string flag) => flag switch
    {
        "--network" or "--net" => CompletionKind.Networks,
        "--link" or "--volumes-from" => CompletionKind.Containers,
        "--from" => CompletionKind.Contexts,
        _ => CompletionKind.Nothing,
    };

    private static CompletionKind OfCommand(string path, bool hasSubject)
    {
        var (group, name) = path.Split(' ') is [var first, var second] ? (first, second) : ("", path);
        return group switch
        {
            "volume" => name is "inspect" or "rm" or "remove" or "export" or "clone" or "update" ? CompletionKind.Volumes : CompletionKind.Nothing,
            "network" => name is "connect" or "disconnect" && hasSubject ? CompletionKind.Containers
                : name is "inspect" or "rm" or "remove" or "connect" or "disconnect" or "why" ? CompletionKind.Networks : CompletionKind.Nothing,
            "context" => name is "inspect" or "rm" or "remove" or "use" or "export" or "update" ? CompletionKind.Contexts : CompletionKind.Nothing,
            "image" => name is "inspect" or "rm" or "remove" or "history" or "push" or "pull" or "save" or "tag" ? CompletionKind.Images
                : CompletionKind.Nothing,
            "" or "container" when name is "inspect" => group.Length > 0 ? CompletionKind.Containers : CompletionKind.Objects,
            // What follows the image or the container is a command in it.
            "" or "container" when name is "run" or "create" or "exec" or "top" && hasSubject => CompletionKind.Nothing,
            "" or "container" when s_ofContainers.Contains(name) => CompletionKind.Containers,
            "" or "container" when s_ofImages.Contains(name) => CompletionKind.Images,
            _ => CompletionKind.Nothing,
        };
    }
}
