using Gantry.Cli.Session;
using Gantry.Client;
using Gantry.Oci;

namespace Gantry.Cli.Completion;

/// <summary>Answers the shells: <c>__complete WORD...</c> prints what the last word can become, one a line, and nothing when that cannot be known.</summary>
internal static class CompletionAnswer
{
    /// <summary>The name by which the scripts call it.</summary>
    public const string Name = "__complete";

    /// <summary>Answers.</summary>
    /// <param name="words">The words after the program's name, the last one to be completed.</param>
    /// <param name="context">What surrounds the program.</param>
    public static async Task RunAsync(IReadOnlyList<string> words, CliContext context)
    {
        if (words.Count == 0)
            return;
        var wanted = CompletionWords.Of(words, [.. context.FurtherCommands.Select(static command => command.Name)]);
        // Nobody who presses a key wants a daemon started.
        var options = new GlobalOptions(new Flags.FlagSet());
        using var session = new CommandSession(context with { DaemonStarter = null }, options);
        try
        {
            options.Flags.Parse([.. wanted.Global]);
            foreach (var name in (await NamesAsync(session, wanted).ConfigureAwait(false)).Where(name => name.StartsWith(words[^1], StringComparison.Ordinal))
                .Distinct().Order(StringComparer.Ordinal))
                session.Print(name);
        }
        catch (Exception error)
            when (error is ClientException or EngineUnreachableException or CommandException or GantryException or IOException or Flags.UsageException)
        {
            // Without a daemon there are no names.
        }
        session.Flush();
    }

    private static async Task<IEnumerable<string>> NamesAsync(CommandSession session, CompletionWords wanted) => wanted.Kind switch
    {
        CompletionKind.Containers => await ContainersAsync(session).ConfigureAwait(false),
        CompletionKind.Images => await ImagesAsync(session).ConfigureAwait(false),
        CompletionKind.Objects => (await ContainersAsync(session).ConfigureAwait(false)).Concat(await ImagesAsync(session).ConfigureAwait(false)),
        CompletionKind.Volumes => (await session.Client.ListVolumesAsync(null).ConfigureAwait(false)).Volumes.Select(static volume => volume.Name),
        CompletionKind.Networks => (await session.Client.ListNetworksAsync(null).ConfigureAwait(false)).Select(static network => network.Name),
        CompletionKind.Contexts => session.Contexts.All().Select(static context => context.Name).Append(Contexts.ContextStore.Default),
        _ => wanted.Names,
    };

    private static async Task<IEnumerable<string>> ContainersAsync(CommandSession session) =>
        (await session.Client.ListContainersAsync(true, null, false, null).ConfigureAwait(false)).SelectMany(static container => container.Names)
            .Select(static name => name.TrimStart('/'));

    private static async Task<IEnumerable<string>> ImagesAsync(CommandSession session) =>
        (await session.Client.ListImagesAsync(false, null).ConfigureAwait(false)).SelectMany(static image => image.RepoTags);
}
