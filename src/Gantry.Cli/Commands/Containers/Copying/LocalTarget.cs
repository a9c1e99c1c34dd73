using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Storage.Copies;

namespace Gantry.Cli.Commands.Containers.Copying;

/// <summary>Where a copy goes, here or in a container: what is at the path decides what the copy is called.</summary>
/// <param name="Path">The path.</param>
/// <param name="Exists">Whether something is there.</param>
/// <param name="IsDirectory">Whether that is a directory.</param>
internal sealed record CopyTarget(string Path, bool Exists, bool IsDirectory)
{
    /// <summary>The existing directory to unpack into, and the name that the copy has there.</summary>
    /// <param name="source">The path of what is copied.</param>
    /// <param name="sourceIsDirectory">Whether that is a directory.</param>
    /// <exception cref="CommandException">A directory cannot become a file, or the target is said to be a directory and is not there.</exception>
    public (string Directory, string Name) Place(string source, bool sourceIsDirectory)
    {
        if (Exists && IsDirectory)
            return (Path, PathName.Split(source).Name);
        if (Exists && sourceIsDirectory)
            throw new CommandException("cannot copy directory");
        if (!Exists && !sourceIsDirectory && PathName.SaysDirectory(Path))
            throw new CommandException("no such directory");
        return PathName.Split(Path.TrimEnd('/') is { Length: > 0 } path ? path : "/");
    }
}

/// <summary>Where a copy from a container goes.</summary>
internal static class LocalTarget
{
    /// <summary>Looks at a path; a link is followed.</summary>
    /// <exception cref="CommandException">The directory it is to be in does not exist.</exception>
    public static CopyTarget Find(string given)
    {
        var path = PathName.Absolute(given);
        if (Directory.Exists(path))
            return new CopyTarget(path, true, true);
        if (System.IO.Path.GetDirectoryName(path.TrimEnd('/')) is { Length: > 0 } parent && !Directory.Exists(parent))
            throw new CommandException($"invalid output path: directory \"{parent}\" does not exist");
        var link = LocalLink.Follow(path);
        return new CopyTarget(link?.FullName ?? path, link?.Exists ?? File.Exists(path), false);
    }

    /// <summary>Unpacks an archive from a container. It is not trusted: nothing is written outside the directory, whatever links it has.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="directory">Where to.</param>
    /// <param name="rename">The name at its top, and the one to have.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Unpack(Stream archive, string directory, (string From, string To)? rename, CancellationToken cancellation)
    {
        using var root = FileOpener.Open(directory, OpenFlags.Directory);
        var options = new CopyOptions { KeepKinds = true, WithoutAttributes = true, Owner = ProcessOwner.Current, Rename = rename };
        CopyWriter.Unpack(root, "/", archive, options, cancellation);
    }
}
