using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Files;

/// <summary>
/// Extended attributes (xattr(7)). By descriptor for files and directories that are open; by directory and name, not following symbolic
/// links, for everything else: that form goes through <c>/proc/self/fd/N/name</c>, because setxattrat(2) is as new as Linux 6.13.
/// </summary>
public static unsafe partial class ExtendedAttributes
{
    // Safe throughout: names and paths are NUL-terminated and pinned, buffers are passed with their lengths.

    /// <summary>Sets an attribute of an open file (fsetxattr(2)).</summary>
    public static Errno TrySet(Fd file, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* name = KernelPath.Terminate(attribute, stackalloc byte[KernelPath.Room(attribute)]))
        fixed (byte* data = value)
            return Result(fsetxattr(file.Number, name, data, (nuint)value.Length, 0));
    }

    /// <summary>Sets an attribute of the file <paramref name="name"/> in <paramref name="directory"/> (lsetxattr(2)).</summary>
    public static Errno TrySet(Fd directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* path = ProcPath(directory, name))
        fixed (byte* attributeName = KernelPath.Terminate(attribute, stackalloc byte[KernelPath.Room(attribute)]))
        fixed (byte* data = value)
            return Result(lsetxattr(path, attributeName, data, (nuint)value.Length, 0));
    }

    /// <summary>Removes an attribute of an open file (fremovexattr(2)); ENODATA when there is none.</summary>
    public static Errno TryRemove(Fd file, ReadOnlySpan<byte> attribute)
    {
        fixed (byte* name = KernelPath.Terminate(attribute, stackalloc byte[KernelPath.Room(attribute)]))
            return Result(fremovexattr(file.Number, name));
    }

    /// <summary>An attribute's value of an open file (fgetxattr(2)), or null and the error: ENODATA when there is none.</summary>
    public static byte[]? TryGet(Fd file, ReadOnlySpan<byte> attribute, out Errno error)
    {
        fixed (byte* name = KernelPath.Terminate(attribute, stackalloc byte[KernelPath.Room(attribute)]))
        {
            var pointer = name;
            return Fetch((buffer, size) => fgetxattr(file.Number, pointer, (byte*)buffer, size), out error);
        }
    }

    /// <summary>An attribute's value of <paramref name="name"/> in <paramref name="directory"/> (lgetxattr(2)), or null and the error.</summary>
    public static byte[]? TryGet(Fd directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> attribute, out Errno error)
    {
        fixed (byte* path = ProcPath(directory, name))
        fixed (byte* attributeName = KernelPath.Terminate(attribute, stackalloc byte[KernelPath.Room(attribute)]))
        {
            byte* pathPointer = path, namePointer = attributeName;
            return Fetch((buffer, size) => lgetxattr(pathPointer, namePointer, (byte*)buffer, size), out error);
        }
    }

    /// <summary>
    /// The names of the attributes of <paramref name="name"/> in <paramref name="directory"/> (llistxattr(2)), in byte order; none when
    /// the file system keeps none.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static IReadOnlyList<byte[]> List(Fd directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* path = ProcPath(directory, name))
        {
            var pointer = path;
            var all = Fetch((buffer, size) => llistxattr(pointer, (byte*)buffer, size), out var error);
            if (all is null && error != Errno.EOPNOTSUPP)
                throw new OsException($"list attributes of {KernelPath.ToText(name)}", error);
            return all is null || all.Length == 0 ? [] : Split(all);
        }
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> names)
    {
        var list = new List<byte[]>();
        foreach (var range in names.Split((byte)0))
            if (!names[range].IsEmpty)
                list.Add(names[range].ToArray());
        list.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        return list;
    }

    // The value may grow between asking for its size and reading it: ERANGE, and asked again.
    private static byte[]? Fetch(Func<nint, nuint, nint> call, out Errno error)
    {
        var buffer = new byte[256];
        while (true)
        {
            nint length;
            fixed (byte* data = buffer)
                length = call((nint)data, (nuint)buffer.Length);
            error = length < 0 ? Libc.LastError : default;
            if (error == Errno.ERANGE && buffer.Length < 65536)
                buffer = new byte[buffer.Length * 16];
            else
                return length < 0 ? null : buffer[..(int)length];
        }
    }

    private static byte[] ProcPath(Fd directory, ReadOnlySpan<byte> name)
    {
        var prefix = Encoding.ASCII.GetBytes(directory.ProcPath);
        byte[] path = name.IsEmpty ? [.. prefix, (byte)'/', (byte)'.', 0] : [.. prefix, (byte)'/', .. name, 0];
        return path;
    }

    private static Errno Result(int answer) => answer == 0 ? default : Libc.LastError;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fsetxattr(int file, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fremovexattr(int file, byte* name);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint fgetxattr(int file, byte* name, byte* value, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint lgetxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint llistxattr(byte* path, byte* list, nuint size);
}
