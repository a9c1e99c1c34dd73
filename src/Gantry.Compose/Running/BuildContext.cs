using System.Formats.Tar;
using System.Text;
using Gantry.Compose.Values;
using Gantry.Oci.Values;

namespace Gantry.Compose.Running;

/// <summary>The folder that an image is built from, as an archive; what <c>.dockerignore</c> names is left out.</summary>
internal sealed class BuildContext : IDisposable
{
    // A Dockerfile that is not in the folder is put there under a name that no file has.
    private const string OutsideName = ".dockerfile.compose";

    private BuildContext(Stream? archive, string dockerfile) => (Archive, Dockerfile) = (archive, dockerfile);

    /// <summary>The archive, or null when the daemon fetches the context itself.</summary>
    public Stream? Archive { get; }

    /// <summary>The Dockerfile's path within it.</summary>
    public string Dockerfile { get; }

    /// <summary>Packs the folder of a build.</summary>
    /// <exception cref="ComposeException">The folder or Dockerfile is missing.</exception>
    public static BuildContext Open(MapValue build)
    {
        var folder = build.Text("context");
        var name = build.Text("dockerfile") is { Length: > 0 } given ? given : "Dockerfile";
        if (GitReference.IsRemoteContext(folder))
            return new BuildContext(null, name);
        if (!Directory.Exists(folder))
            throw new ComposeException($"unable to prepare context: path \"{folder}\" not found");
        var inline = build.Text("dockerfile_inline");
        var dockerfile = Path.GetFullPath(name, folder);
        if (inline.Length == 0 && !File.Exists(dockerfile))
            throw new ComposeException($"failed to read dockerfile: open {dockerfile}: no such file or directory");
        var inside = inline.Length == 0 && dockerfile.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

        // A file, not memory: contexts may be large. It has no name any more when it is read.
        var archive = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            var ignored = IgnoreRules.Read(folder, inside ? Path.GetRelativePath(folder, dockerfile) : "");
            Add(writer, folder, "", ignored);
            if (!inside)
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, OutsideName)
                {
                    DataStream = new MemoryStream(inline.Length > 0 ? Encoding.UTF8.GetBytes(inline) : File.ReadAllBytes(dockerfile)),
                });
        }
        archive.Position = 0;
        return new BuildContext(archive, inside ? Path.GetRelativePath(folder, dockerfile) : OutsideName);
    }

    /// <inheritdoc/>
    public void Dispose() => Archive?.Dispose();

    private static void Add(TarWriter writer, string folder, string prefix, IgnoreRules ignored)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(static entry => entry.Name, StringComparer.Ordinal))
        {
            var name = prefix.Length == 0 ? entry.Name : $"{prefix}/{entry.Name}";
            var isFolder = entry is DirectoryInfo && entry.LinkTarget is null;
            var skipped = ignored.Excludes(name);
            // A folder that is left out may have files that are not.
            if (isFolder && (!skipped || ignored.HasExceptions))
            {
                if (!skipped)
                    writer.WriteEntry(entry.FullName, name);
                Add(writer, entry.FullName, name, ignored);
            }
            else if (!isFolder && !skipped && (entry.LinkTarget is not null || (entry.Attributes & FileAttributes.Device) == 0))
            {
                writer.WriteEntry(entry.FullName, name);
            }
        }
    }
}
