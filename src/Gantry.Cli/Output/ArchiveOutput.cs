using Gantry.Cli.Session;
using Gantry.Os.Files;

namespace Gantry.Cli.Output;

/// <summary>Where an archive that the daemon sends goes: a file (<c>-o</c>) or standard output.</summary>
internal static class ArchiveOutput
{
    /// <summary>Refuses to write an archive to a terminal.</summary>
    /// <param name="session">The command's session.</param>
    /// <param name="path">The file; empty for standard output.</param>
    /// <param name="what">What fails with it, for the error, e.g. <c>save image</c>.</param>
    /// <exception cref="CommandException">No file was named, and standard output is a terminal.</exception>
    public static void Check(CommandSession session, string path, string what)
    {
        if (path.Length == 0 && session.Context.Terminal.OutputIsTerminal)
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        if (path.Length > 0 && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new CommandException($"failed to {what}: invalid output path: stat {folder}: no such file or directory");
    }

    /// <summary>Writes the archive. A file appears whole or not at all: a broken download must not look like an archive.</summary>
    public static async Task WriteAsync(CommandSession session, string path, Stream archive)
    {
        if (path.Length == 0)
        {
            await archive.CopyToAsync(session.Context.Output).ConfigureAwait(false);
            return;
        }
        // A device or a pipe cannot be replaced by a file: it is written to.
        if (FileStatusReader.TryRead(null, KernelPath.FromText(path), out _)?.Kind is FileKind.CharacterDevice or FileKind.Fifo or FileKind.BlockDevice)
        {
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await archive.CopyToAsync(device).ConfigureAwait(false);
            return;
        }
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                await archive.CopyToAsync(file).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
