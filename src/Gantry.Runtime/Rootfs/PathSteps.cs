using System.Runtime.InteropServices;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// Opens and makes paths beneath the container's root, by openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS, and hands them on as
/// descriptors. Whatever an image or another container that shares a volume does with symbolic links meanwhile, nothing is ever
/// looked up by its path a second time (CVE-2019-16884, CVE-2021-30465, CVE-2025-31133).
/// </summary>
internal sealed class PathSteps(ProgramWriter writer)
{
    internal const ulong O_WRONLY = 1, O_CREAT = 0x40, O_DIRECTORY = 0x10000, O_NOFOLLOW = 0x20000, O_CLOEXEC = 0x80000, O_PATH = 0x200000;
    internal const ulong RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_IN_ROOT = 16;
    internal const long S_IFREG = 0x8000, S_IFCHR = 0x2000, S_IFBLK = 0x6000, S_IFIFO = 0x1000;
    internal const long AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000, AT_RECURSIVE = 0x8000;

    private const long OpenHowSize = 24, DirectoryMode = 0x1ed, FileMode = 0x1a4; // 0755, 0644
    internal const ulong PROC_SUPER_MAGIC = 0x9fa0, SYSFS_MAGIC = 0x62656572;

    private const int StatfsSize = 120;

    private readonly ProcessProgramBuilder _builder = writer.Builder;
    private readonly Dictionary<OpenHow, ProgramData> _hows = [];
    private ProgramData? _statfs;

    /// <summary>Opens what exists.</summary>
    /// <param name="stage">For errors.</param>
    /// <param name="path">Relative to the root, normalized; empty: the root.</param>
    /// <param name="into">Where the descriptor goes.</param>
    /// <param name="flags">O_* beside O_PATH and O_CLOEXEC.</param>
    /// <param name="resolve">RESOLVE_* beside the two that are always there.</param>
    /// <param name="root">What the path is relative to, and cannot leave; null: the container's root.</param>
    internal ProgramOperation Open(string stage, string path, ProgramSlot into, ulong flags = 0, ulong resolve = 0, ProgramSlot? root = null) =>
        _builder.Call(stage, SystemCall.Openat2, root ?? ProgramWriter.Root, _builder.Text(path.Length == 0 ? "." : path), How(flags | O_PATH, resolve),
            OpenHowSize)
            .Into(into);

    /// <summary>Opens a directory or file into <see cref="ProgramWriter.Target"/>; what is missing is made, with its parents.</summary>
    /// <param name="stage">For errors.</param>
    /// <param name="path">Relative to the root, normalized.</param>
    /// <param name="directory">What to make when it is missing.</param>
    /// <param name="resolve">RESOLVE_* beside the two that are always there.</param>
    internal void OpenOrMake(string stage, string path, bool directory, ulong resolve = 0)
    {
        var done = _builder.NewLabel();
        Open(stage, path, ProgramWriter.Target, 0, resolve).Tolerate(Errno.ENOENT).OnSuccess(done);
        var (parent, name) = Split(path);
        OpenOrMakeParent(stage, parent, resolve);
        if (directory)
            _builder.Call(stage, SystemCall.Mkdirat, ProgramWriter.Parent, _builder.Text(name), DirectoryMode).Tolerate(Errno.EEXIST);
        else
            _builder.Call(stage, SystemCall.Mknodat, ProgramWriter.Parent, _builder.Text(name), S_IFREG | FileMode, 0).Tolerate(Errno.EEXIST);
        Open(stage, path, ProgramWriter.Target, 0, resolve);
        _builder.Place(done);
    }

    /// <summary>Opens a directory into <see cref="ProgramWriter.Parent"/>, making it and those above it where they are missing.</summary>
    internal void OpenOrMakeParent(string stage, string path, ulong resolve = 0)
    {
        var found = _builder.NewLabel();
        Open(stage, path, ProgramWriter.Parent, O_DIRECTORY, resolve).Tolerate(Errno.ENOENT).OnSuccess(found);
        Open(stage, "", ProgramWriter.Parent, O_DIRECTORY);
        var parts = path.Length == 0 ? [] : path.Split('/');
        for (var count = 1; count <= parts.Length; count++)
        {
            var prefix = string.Join('/', parts, 0, count);
            _builder.Call(stage, SystemCall.Mkdirat, ProgramWriter.Parent, _builder.Text(parts[count - 1]), DirectoryMode).Tolerate(Errno.EEXIST);
            Open(stage, prefix, ProgramWriter.Parent, O_DIRECTORY, resolve);
        }
        _builder.Place(found);
    }

    /// <summary>Fails with EPERM when <see cref="ProgramWriter.Target"/> lies in a procfs: a mount there would fool whoever reads it.</summary>
    internal void RefuseProcfs(string stage)
    {
        var elsewhere = _builder.NewLabel();
        _statfs ??= _builder.Reserve(StatfsSize);
        _builder.Call(stage, SystemCall.Fstatfs, ProgramWriter.Target, _statfs.Value);
        _builder.Check(stage, _statfs.Value, ulong.MaxValue, PROC_SUPER_MAGIC, Errno.EXDEV).Tolerate(Errno.EXDEV).OnTolerated(elsewhere);
        _builder.Fail(stage + ": a mount inside /proc is not allowed", Errno.EPERM);
        _builder.Place(elsewhere);
    }

    /// <summary>Fails with EXDEV unless what a slot holds is on a filesystem of this type (statfs(2), f_type).</summary>
    internal void RequireFilesystem(string stage, ProgramSlot slot, ulong type)
    {
        _statfs ??= _builder.Reserve(StatfsSize);
        _builder.Call(stage, SystemCall.Fstatfs, slot, _statfs.Value);
        _builder.Check(stage, _statfs.Value, ulong.MaxValue, type, Errno.EXDEV);
    }

    /// <summary>Closes what a slot holds.</summary>
    internal void Close(ProgramSlot slot) => _builder.Call("close a descriptor", SystemCall.Close, slot).TolerateAll();

    /// <summary>Parent and last name of a normalized path.</summary>
    internal static (string Parent, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    private ProgramData How(ulong flags, ulong resolve)
    {
        var how = new OpenHow(flags | O_CLOEXEC, 0, resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        if (!_hows.TryGetValue(how, out var place))
            _hows[how] = place = _builder.Structure(how);
        return place;
    }

    /// <summary><c>struct open_how</c> of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct OpenHow(ulong Flags, ulong Mode, ulong Resolve);
}
