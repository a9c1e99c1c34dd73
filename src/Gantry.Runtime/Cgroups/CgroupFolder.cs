using System.Globalization;
using System.Text;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// A control group in one tree. Files are named relative to the tree's root, which stays open: no descriptor belongs to a control
/// group itself.
/// </summary>
internal sealed class CgroupFolder(CgroupHierarchy hierarchy, string path)
{
    private readonly byte[] _path = KernelPath.FromText(path.TrimStart('/'));

    internal CgroupHierarchy Hierarchy => hierarchy;

    /// <summary>From the root of the tree: <c>/gantry/id</c>.</summary>
    internal string Path => path;

    /// <summary>The folder on this machine, for messages and bind mounts.</summary>
    internal string HostPath => hierarchy.MountPoint + path.TrimEnd('/');

    internal bool IsRoot => _path.Length == 0;

    internal CgroupFolder Parent => new(hierarchy, path[..Math.Max(path.LastIndexOf('/'), 1)]);

    internal Errno TryMake() => FileNodes.TryMakeDirectory(hierarchy.Root, _path, 0x1ed /* 0755 */);

    internal Errno TryRemove() => FileNodes.TryRemoveDirectory(hierarchy.Root, _path);

    internal Errno TryWrite(string file, string value) => ControlFile.TryWrite(hierarchy.Root, Name(file), Encoding.ASCII.GetBytes(value));

    /// <summary>Writes a value, or says which file refused it and why.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal void Write(string file, string value)
    {
        if (TryWrite(file, value) is var error && error != default)
            throw Failure(file, value, error);
    }

    internal void Write(string file, long value) => Write(file, value.ToString(CultureInfo.InvariantCulture));

    internal void Write(string file, ulong value) => Write(file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Writes two values of which the kernel checks each against the other's present one: in this order, or, where it answers EINVAL,
    /// in the other.
    /// </summary>
    /// <exception cref="OsException">The kernel refused in both orders.</exception>
    internal void WriteTogether((string File, string Value) first, (string File, string Value) second)
    {
        var error = TryWrite(first.File, first.Value);
        if (error == Errno.EINVAL)
        {
            Write(second.File, second.Value);
            Write(first.File, first.Value);
            return;
        }
        if (error != default)
            throw Failure(first.File, first.Value, error);
        Write(second.File, second.Value);
    }

    /// <summary>Writes lines, each by itself.</summary>
    /// <exception cref="OsException">The kernel refused one.</exception>
    internal void WriteLines(string file, string lines)
    {
        if (ControlFile.TryWriteLines(hierarchy.Root, Name(file), Encoding.ASCII.GetBytes(lines)) is var error && error != default)
            throw Failure(file, lines.Replace('\n', ';'), error);
    }

    internal byte[]? TryRead(string file, out Errno error) => ControlFile.TryRead(hierarchy.Root, Name(file), out error);

    /// <summary>A file's text without the line feed at its end, or null where there is no such file.</summary>
    internal string? TryReadText(string file) =>
        TryRead(file, out _) is { } content ? Encoding.ASCII.GetString(content).TrimEnd('\n') : null;

    internal bool Exists(string file) => FileStatusReader.TryRead(hierarchy.Root, Name(file), out _) is not null;

    internal OsException Failure(string file, string value, Errno error) => new($"write {value} to {HostPath}/{file}", error);

    /// <exception cref="OsException">The kernel refused.</exception>
    internal Fd Open(string file, OpenFlags flags) =>
        FileOpener.TryOpen(hierarchy.Root, Name(file), flags, 0, out var error) ?? throw new OsException($"open {HostPath}/{file}", error);

    /// <summary>The groups within this one; none when it does not exist.</summary>
    internal List<CgroupFolder> Children()
    {
        using var directory = FileOpener.TryOpen(hierarchy.Root, IsRoot ? "."u8 : _path, OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        if (directory is null)
            return [];
        return
        [
            .. from entry in DirectoryReader.Read(directory)
               where entry.Kind == FileKind.Directory
               select new CgroupFolder(hierarchy, path.TrimEnd('/') + "/" + KernelPath.ToText(entry.Name)),
        ];
    }

    private byte[] Name(string file)
    {
        if (IsRoot)
            return KernelPath.FromText(file);
        var name = new byte[_path.Length + 1 + Encoding.UTF8.GetByteCount(file)];
        _path.CopyTo(name, 0);
        name[_path.Length] = (byte)'/';
        Encoding.UTF8.GetBytes(file, name.AsSpan(_path.Length + 1));
        return name;
    }
}
