using System.IO.Pipelines;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Copies;

namespace Gantry.Cli.Commands.Containers.Copying;

/// <summary>What is copied from here.</summary>
/// <param name="Path">Absolute, as it was named.</param>
/// <param name="File">Where its data is: the same, or where a followed link leads.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
internal sealed record LocalSource(string Path, string File, bool IsDirectory)
{
    /// <summary>Looks at a path.</summary>
    /// <exception cref="CommandException">There is nothing, or no directory where the path says so.</exception>
    public static LocalSource Find(string given, bool follow)
    {
        var path = PathName.Absolute(given);
        var file = follow && LocalLink.Follow(path) is { } target ? PathName.WithEndOf(target.FullName, path) : path;
        var status = FileStatusReader.TryRead(null, KernelPath.FromText(file), out var error)
            ?? throw new CommandException(error == Errno.ENOTDIR ? "not a directory" : $"lstat {path}: {Describe(error)}");
        return status.IsDirectory || !PathName.SaysDirectory(path) ? new LocalSource(path, file, status.IsDirectory)
            : throw new CommandException("not a directory");
    }

    /// <summary>Its archive, made while it is read.</summary>
    /// <param name="name">What it is called in there.</param>
    /// <param name="cancellation">Stops it.</param>
    public Stream Open(string name, CancellationToken cancellation)
    {
        var pipe = new Pipe();
        _ = Task.Run(() => PackAsync(pipe.Writer, name, cancellation), CancellationToken.None);
        return pipe.Reader.AsStream();
    }

    private async Task PackAsync(PipeWriter writer, string name, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            var output = writer.AsStream(leaveOpen: true);
            if (IsDirectory)
            {
                using var directory = FileOpener.Open(File, OpenFlags.Directory);
                CopyReader.WriteDirectory(directory, name, output, cancellation);
            }
            else
            {
                var (parent, file) = PathName.Split(File);
                using var directory = FileOpener.Open(parent, OpenFlags.Directory);
                CopyReader.WriteFile(directory, KernelPath.FromText(file), name, output);
            }
        }
        catch (Exception error)
        {
            failure = error; // The reader of the pipe gets it, in the place of the archive's rest.
        }
        await writer.CompleteAsync(failure).ConfigureAwait(false);
    }

    private static string Describe(Errno error) =>
        error == Errno.ENOENT ? "no such file or directory" : error == Errno.EACCES ? "permission denied" : error.ToString();
}
