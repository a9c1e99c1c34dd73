using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>Furnishes /dev: the default devices (config-linux.md, "Default Devices"), those configured, the usual links, the console.</summary>
internal sealed class DeviceSteps(ProgramWriter writer, PathSteps paths, RuntimeSpec spec)
{
    private const uint DefaultMode = 0x1b6; // 0666
    private const long MOVE_MOUNT_EMPTY_PATHS = 0x44;

    private static readonly (string Name, uint Major, uint Minor)[] Defaults =
        [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

    private static readonly (string Name, string Target)[] Links =
        [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")];

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>Makes nodes and links, unless /dev is a bind mount: that belongs to somebody else.</summary>
    internal void Write()
    {
        if ((spec.Mounts ?? []).Any(mount => ContainerPath.Normalize(mount.Destination) == "dev" && MountOptions.Parse(mount).Bind))
            return;
        var configured = (spec.Linux?.Devices ?? []).Select(device => (Path: ContainerPath.Destination(device.Path), device)).ToList();
        paths.OpenOrMakeParent("open /dev", "dev");
        foreach (var (name, major, minor) in Defaults.Where(device => configured.All(entry => entry.Path != "dev/" + device.Name)))
            MakeNode($"make device /dev/{name}", name, PathSteps.S_IFCHR, DefaultMode, new DeviceNumber(major, minor), 0, 0);
        foreach (var (name, target) in Links)
            _builder.Call($"link /dev/{name}", SystemCall.Symlinkat, _builder.Text(target), ProgramWriter.Parent, _builder.Text(name)).Tolerate(Errno.EEXIST);
        LinkKcore();
        _builder.Call("link /dev/ptmx", SystemCall.Unlinkat, ProgramWriter.Parent, _builder.Text("ptmx"), 0).Tolerate(Errno.ENOENT);
        _builder.Call("link /dev/ptmx", SystemCall.Symlinkat, _builder.Text("pts/ptmx"), ProgramWriter.Parent, _builder.Text("ptmx"));
        paths.Close(ProgramWriter.Parent);
        foreach (var (path, device) in configured)
            MakeConfigured(path, device);
    }

    /// <summary>Binds the terminal at /dev/console.</summary>
    /// <param name="console">
    /// A detached mount of the slave's node; null: it lies in the container's own /dev/pts, and is bound from there. A node in a mount that
    /// is attached nowhere cannot be cloned before (EINVAL until Linux 6.15).
    /// </param>
    internal void WriteConsole(ProgramDescriptor? console)
    {
        const string stage = "bind the terminal at /dev/console";
        const ulong cloneCloseOnExec = 0x80001; // OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC
        var empty = _builder.Text("");
        paths.OpenOrMake(stage, "dev/console", directory: false, PathSteps.RESOLVE_NO_SYMLINKS);
        if (console is { } given)
        {
            _builder.Call(stage, SystemCall.MoveMount, given, empty, ProgramWriter.Target, empty, MOVE_MOUNT_EMPTY_PATHS);
        }
        else
        {
            _builder.Call(stage, SystemCall.OpenTree, 0, empty, cloneCloseOnExec | (ulong)PathSteps.AT_EMPTY_PATH).Into(ProgramWriter.Mount);
            _builder.Call(stage, SystemCall.MoveMount, ProgramWriter.Mount, empty, ProgramWriter.Target, empty, MOVE_MOUNT_EMPTY_PATHS);
            paths.Close(ProgramWriter.Mount);
        }
        paths.Close(ProgramWriter.Target);
    }

    /// <summary>/dev/core, where the kernel has a /proc/kcore.</summary>
    private void LinkKcore()
    {
        var missing = _builder.NewLabel();
        _builder.Call("look for /proc/kcore", SystemCall.Faccessat, ProgramWriter.Root, _builder.Text("proc/kcore"), 0).TolerateAll().OnTolerated(missing);
        _builder.Call("link /dev/core", SystemCall.Symlinkat, _builder.Text("/proc/kcore"), ProgramWriter.Parent, _builder.Text("core")).Tolerate(Errno.EEXIST);
        _builder.Place(missing);
    }

    private void MakeConfigured(string path, DeviceSpec device)
    {
        var type = device.Type switch
        {
            "c" or "u" => PathSteps.S_IFCHR,
            "b" => PathSteps.S_IFBLK,
            "p" => PathSteps.S_IFIFO,
            _ => throw GantryException.Invalid($"device {device.Path}: type \"{device.Type}\" is not one of c, u, b and p"),
        };
        var (parent, name) = PathSteps.Split(path);
        var stage = $"make device {device.Path}";
        var number = type == PathSteps.S_IFIFO ? default : new DeviceNumber(checked((uint)device.Major), checked((uint)device.Minor));
        paths.OpenOrMakeParent(stage, parent);
        MakeNode(stage, name, type, device.FileMode ?? DefaultMode, number, device.Uid ?? 0, device.Gid ?? 0);
        paths.Close(ProgramWriter.Parent);
    }

    private void MakeNode(string stage, string name, long type, uint mode, DeviceNumber number, uint user, uint group)
    {
        var exists = _builder.NewLabel();
        _builder.Call(stage, SystemCall.Mknodat, ProgramWriter.Parent, _builder.Text(name), type | (mode & 0xfff), number.Packed)
            .Tolerate(Errno.EEXIST).OnTolerated(exists);
        if (user != 0 || group != 0)
            _builder.Call(stage, SystemCall.Fchownat, ProgramWriter.Parent, _builder.Text(name), user, group, 0x100);
        _builder.Place(exists);
    }
}
