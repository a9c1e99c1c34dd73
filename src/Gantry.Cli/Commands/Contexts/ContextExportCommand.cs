using System.Formats.Tar;
using Gantry.Cli.Contexts;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context export</c>: writes a context, with its certificates, to an archive.</summary>
internal sealed class ContextExportCommand : Command
{
    public static CommandEntry Entry => new(
        ["context export"], "CONTEXT [FILE|-]",
        "Export a context to a tar archive FILE or a tar stream on STDOUT.",
        new ArgumentCount(1, 2), static _ => new ContextExportCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var name = arguments[0];
        if (name == ContextStore.Default)
            throw new CommandException("context \"default\": cannot be exported");
        var context = session.Contexts.Get(name);
        var path = arguments.Count > 1 ? arguments[1] : name + ".dockercontext";
        using var archive = new MemoryStream();
        await PackAsync(session.Contexts, context, archive).ConfigureAwait(false);
        if (path == "-")
        {
            if (session.Context.Terminal.OutputIsTerminal)
                throw new CommandException("cowardly refusing to export to a terminal, specify a file path");
            session.Context.Output.Write(archive.ToArray());
            return 0;
        }
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Owner };
        using (var file = new FileStream(path, options))
            file.Write(archive.ToArray());
        session.PrintError($"Written file \"{path}\"");
        return 0;
    }

    private static async Task PackAsync(ContextStore store, ClientContext context, MemoryStream archive)
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        using var document = new MemoryStream(context.ToJson());
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "meta.json") { Mode = Mode, DataStream = document }).ConfigureAwait(false);
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tls")).ConfigureAwait(false);
        foreach (var name in store.TlsFilesOf(context.Name))
        {
            using var content = new MemoryStream(
                await File.ReadAllBytesAsync(Path.Combine(store.TlsFolder(context.Name), ClientContext.Endpoint, name)).ConfigureAwait(false));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"tls/{ClientContext.Endpoint}/{name}") { Mode = Mode, DataStream = content })
                .ConfigureAwait(false);
        }
    }
}
