using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>Covers masked paths and makes paths read-only, mostly in /proc and /sys (config-linux.md, "Masked Paths").</summary>
internal sealed class HiddenPathSteps(ProgramWriter writer, PathSteps paths, RuntimeSpec spec)
{
    private const ulong OPEN_TREE_CLONE = 1, OPEN_TREE_CLOEXEC = 0x80000;
    private const long MOVE_MOUNT_EMPTY_PATHS = 0x44;
    private const int StatSize = 144, StatModeOffset = 24, StatDeviceOffset = 40;
    private const ulong FileTypeMask = 0xf000;

    private static readonly ProgramSlot Null = new(8);
    private static readonly (string Name, string Type, ProgramSlot Root)[] KernelTrees = [
        ("proc", "proc", ProgramWriter.Proc), ("sys", "sysfs", ProgramWriter.Sys)];

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>First read-only, then masked, as a masked path may lie in a read-only one.</summary>
    internal void Write()
    {
        foreach (var path in spec.Linux?.ReadonlyPaths ?? [])
            MakeReadOnly(path);
        if (spec.Linux?.MaskedPaths is not { Count: > 0 } masked)
            return;
        OpenNull();
        foreach (var path in masked)
            Mask(path);
        paths.Close(Null);
    }

    /// <summary>In the kernel's own trees from the mount that was made, wherever its place was renamed to since.</summary>
    private ProgramOperation Open(string stage, string path)
    {
        var place = ContainerPath.Destination(path);
        foreach (var (name, type, root) in KernelTrees)
        {
            var mount = place.StartsWith(name + "/", StringComparison.Ordinal)
                ? spec.Mounts?.LastOrDefault(mount => ContainerPath.Destination(mount.Destination) == name) : null;
            if (mount?.Type == type && !MountOptions.Parse(mount).Bind)
                return paths.Open(stage, place[(name.Length + 1)..], ProgramWriter.Target, root: root);
        }
        return paths.Open(stage, place, ProgramWriter.Target);
    }

    private void MakeReadOnly(string path)
    {
        var stage = $"make {path} read-only";
        var missing = _builder.NewLabel();
        var empty = _builder.Text("");
        var readOnly = _builder.Structure(new MountAttributeChange(MountOptions.MS_RDONLY, 0, 0, 0));
        Open(stage, path).Tolerate(Errno.ENOENT, Errno.ENOTDIR).OnTolerated(missing);
        _builder.Call(stage, SystemCall.OpenTree, ProgramWriter.Target, empty,
            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (ulong)(PathSteps.AT_EMPTY_PATH | PathSteps.AT_RECURSIVE))
            .Into(ProgramWriter.Mount);
        _builder.Call(stage, SystemCall.MountSetattr, ProgramWriter.Mount, empty, PathSteps.AT_EMPTY_PATH | PathSteps.AT_RECURSIVE, readOnly,
            MountAttributeChange.Size);
        _builder.Call(stage, SystemCall.MoveMount, ProgramWriter.Mount, empty, ProgramWriter.Target, empty, MOVE_MOUNT_EMPTY_PATHS);
        paths.Close(ProgramWriter.Mount);
        paths.Close(ProgramWriter.Target);
        _builder.Place(missing);
    }

    /// <summary>
    /// The container's own /dev/null covers masked files; that it is the device and not what an image left there is checked on the
    /// descriptor which is then used (CVE-2025-31133).
    /// </summary>
    private void OpenNull()
    {
        const string stage = "open /dev/null to mask paths";
        var status = _builder.Reserve(StatSize);
        paths.Open(stage, "dev/null", Null, 0, PathSteps.RESOLVE_NO_SYMLINKS);
        _builder.Call(stage, SystemCall.Fstat, Null, status);
        _builder.Check(stage + ": it is not a device", status.At(StatModeOffset), FileTypeMask, (ulong)PathSteps.S_IFCHR, Errno.ENODEV);
        _builder.Check(stage + ": it is another device", status.At(StatDeviceOffset), ulong.MaxValue, new DeviceNumber(1, 3).Packed, Errno.ENODEV);
    }

    private void Mask(string path)
    {
        var stage = $"mask {path}";
        var missing = _builder.NewLabel();
        var covered = _builder.NewLabel();
        var empty = _builder.Text("");
        Open(stage, path).Tolerate(Errno.ENOENT, Errno.ENOTDIR).OnTolerated(missing);
        _builder.Call(stage, SystemCall.OpenTree, Null, empty, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (ulong)PathSteps.AT_EMPTY_PATH).Into(ProgramWriter.Mount);
        _builder.Call(stage, SystemCall.MoveMount, ProgramWriter.Mount, empty, ProgramWriter.Target, empty, MOVE_MOUNT_EMPTY_PATHS)
            .Tolerate(Errno.EINVAL, Errno.ENOTDIR).OnSuccess(covered);
        // The kernel puts no file on a directory (EINVAL): an empty, read-only filesystem goes there.
        _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.Mount, _builder.Text("tmpfs"), _builder.Text("."), _builder.Text("tmpfs"), MountOptions.MS_RDONLY,
            _builder.Text("size=4k,nr_inodes=1"));
        _builder.Place(covered);
        paths.Close(ProgramWriter.Mount);
        paths.Close(ProgramWriter.Target);
        _builder.Place(missing);
    }
}
