using Gantry.Cli.Commands.Containers.Copying;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>cp</c>: files between a container and here.</summary>
internal sealed class CopyCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _archive = flags.Bool("archive", 'a', "Archive mode (copy all uid/gid information)");
    private readonly BoolFlag _follow = flags.Bool("follow-link", 'L', "Always follow symbol link in SRC_PATH");
    private readonly BoolFlag _quiet = flags.Bool(
        "quiet", 'q', "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached");

    public static CommandEntry Entry => new(
        ["container cp", "cp"], "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\t{0} cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
        "Copy files/folders between a container and the local filesystem",
        ArgumentCount.Exactly(2), static flags => new CopyCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments[0].Length == 0)
            throw new CommandException("source can not be empty");
        if (arguments[1].Length == 0)
            throw new CommandException("destination can not be empty");
        var (source, target) = (CopyArgument.Parse(arguments[0]), CopyArgument.Parse(arguments[1]));
        if (source.Container.Length > 0 && target.Container.Length > 0)
            throw new CommandException("copying between containers is not supported");
        if (source.Container.Length > 0)
            await CopyFromAsync(session, source, target).ConfigureAwait(false);
        else if (target.Container.Length > 0)
            await CopyToAsync(session, source, target).ConfigureAwait(false);
        else
            throw new CommandException("must specify at least one container source");
        return 0;
    }

    private async Task CopyFromAsync(CommandSession session, CopyArgument source, CopyArgument target)
    {
        // 1. Where to: what cannot be is refused before anything is asked for.
        var place = target.IsStream ? null : LocalTarget.Find(target.Path);

        // 2. What: with -L a link's target, which keeps the link's name.
        var (path, name) = (source.Path, "");
        if (_follow.Value && await session.Client.FindContainerPathAsync(source.Container, path).ConfigureAwait(false) is { IsSymbolicLink: true } link)
            (path, name) = (link.LinkTarget, PathName.Split(path).Name);

        // 3. The archive.
        using var answer = await session.Client.ReadContainerArchiveAsync(source.Container, path).ConfigureAwait(false);
        if (place is null)
        {
            await answer.Exchange.Body.CopyToAsync(session.Context.Output).ConfigureAwait(false);
            return;
        }
        var own = PathName.Split(path).Name;
        var (directory, given) = place.Place(path, answer.Stat.IsDirectory);
        var wanted = place.IsDirectory ? name.Length > 0 ? name : own : given;
        using var counted = new CountingStream(answer.Exchange.Body);
        await Task.Run(() => LocalTarget.Unpack(counted, directory, wanted == own ? null : (own, wanted), default)).ConfigureAwait(false);
        Report(session, counted, target.Path);
    }

    private async Task CopyToAsync(CommandSession session, CopyArgument source, CopyArgument target)
    {
        var place = await FindAsync(session.Client, target).ConfigureAwait(false);
        if (source.IsStream)
        {
            if (!place.IsDirectory)
                throw new CommandException($"destination \"{target.Container}:{target.Path}\" must be a directory");
            await session.Client.WriteContainerArchiveAsync(target.Container, place.Path, session.Context.Input, _archive.Value).ConfigureAwait(false);
            return;
        }
        var local = LocalSource.Find(source.Path, _follow.Value);
        var (directory, name) = place.Place(local.Path, local.IsDirectory);
        using var counted = new CountingStream(local.Open(name, default));
        await session.Client.WriteContainerArchiveAsync(target.Container, directory, counted, _archive.Value).ConfigureAwait(false);
        Report(session, counted, $"{target.Container}:{directory}");
    }

    /// <summary>What is at the target in the container; a link is followed. What cannot be told now, the copy itself will tell.</summary>
    private static async Task<CopyTarget> FindAsync(EngineClient client, CopyArgument target)
    {
        var path = target.Path;
        var stat = await client.FindContainerPathAsync(target.Container, path).ConfigureAwait(false);
        if (stat is { IsSymbolicLink: true })
        {
            path = stat.LinkTarget;
            stat = await client.FindContainerPathAsync(target.Container, path).ConfigureAwait(false);
        }
        return new CopyTarget(path, stat is not null, stat is { IsDirectory: true });
    }

    private void Report(CommandSession session, CountingStream counted, string where)
    {
        if (!_quiet.Value && session.Context.Terminal.OutputIsTerminal)
            session.PrintError($"Successfully copied {HumanText.Size(counted.Count, 3)} to {where}");
    }
}
