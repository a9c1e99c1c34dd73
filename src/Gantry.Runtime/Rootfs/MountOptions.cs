using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Mounts;

namespace Gantry.Runtime.Rootfs;

/// <summary>What of a bind mount owners are mapped in.</summary>
internal enum IdMapForm
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>In the mount itself.</summary>
    Top,

    /// <summary>In the mounts below it as well.</summary>
    Recursive,
}

/// <summary>The options of a mount, sorted by how the kernel wants them (config.md, "Linux mount options").</summary>
internal sealed class MountOptions
{
    internal const ulong MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_SYNCHRONOUS = 16, MS_REMOUNT = 32, MS_MANDLOCK = 64,
        MS_DIRSYNC = 128, MS_NOSYMFOLLOW = 256, MS_NOATIME = 1024, MS_NODIRATIME = 2048, MS_BIND = 4096, MS_REC = 16384,
        MS_SILENT = 32768, MS_UNBINDABLE = 1 << 17, MS_PRIVATE = 1 << 18, MS_SLAVE = 1 << 19, MS_SHARED = 1 << 20,
        MS_RELATIME = 1 << 21, MS_I_VERSION = 1 << 23, MS_STRICTATIME = 1 << 24, MS_LAZYTIME = 1 << 25;

    private const ulong AtimeAttributes = 0x70, NoAtime = 0x10, StrictAtime = 0x20, NoDiratime = 0x80, NoSymfollow = 0x200000;

    /// <summary>Flags for mount(2).</summary>
    internal ulong Flags { get; private set; }

    /// <summary>What is left for the filesystem.</summary>
    internal string Data { get; private set; } = "";

    /// <summary>It is a bind mount.</summary>
    internal bool Bind { get; private set; }

    /// <summary>It is a bind mount with the mounts below its source.</summary>
    internal bool Recursive { get; private set; }

    /// <summary>Whether owners appear by a map of IDs, for a bind mount.</summary>
    internal IdMapForm IdMap { get; private set; }

    /// <summary>Attributes that the options set and clear, for a bind mount.</summary>
    internal MountAttributeChange Attributes { get; private set; }

    /// <summary>Attributes for the mounts below as well.</summary>
    internal MountAttributeChange RecursiveAttributes { get; private set; }

    /// <summary>Propagations in order, each possibly with MS_REC.</summary>
    internal List<ulong> Propagations { get; } = [];

    /// <summary>Names of all options that are understood, for <c>features</c>.</summary>
    internal static IEnumerable<string> Known =>
        FlagOptions.Keys.Concat(PropagationOptions.Keys).Concat(RecursiveNames).Concat(["bind", "rbind", "idmap", "ridmap", "defaults"])
            .Order(StringComparer.Ordinal);

    /// <summary>Sorts the options.</summary>
    /// <exception cref="GantryException">An option is not supported.</exception>
    internal static MountOptions Parse(MountSpec mount)
    {
        var options = new MountOptions { Bind = mount.Type == "bind" };
        var data = new List<string>();
        foreach (var option in mount.Options ?? [])
            options.Add(option, data, mount.Destination);
        options.Data = string.Join(',', data);
        options.CheckIdMap(mount);
        return options;
    }

    private void CheckIdMap(MountSpec mount)
    {
        var isMapped = mount.UidMappings is { Count: > 0 } || mount.GidMappings is { Count: > 0 };
        if (IdMap == IdMapForm.None && isMapped)
            IdMap = IdMapForm.Top;
        if (IdMap == IdMapForm.None)
            return;
        if (!Bind)
            throw GantryException.NotImplemented($"mount at {mount.Destination}: only bind mounts can be idmapped");
        if (!isMapped)
            throw GantryException.NotImplemented(
                $"mount at {mount.Destination}: option idmap without uidMappings and gidMappings takes those of a user namespace, which are not supported");
        if (mount.UidMappings is not { Count: > 0 } || mount.GidMappings is not { Count: > 0 })
            throw GantryException.Invalid($"mount at {mount.Destination}: uidMappings and gidMappings have to be given both");
    }

    private void Add(string option, List<string> data, string destination)
    {
        if (option is "defaults" or "")
            return;
        if (option is "bind" or "rbind")
        {
            Bind = true;
            Recursive |= option == "rbind";
        }
        else if (PropagationOptions.TryGetValue(option, out var propagation))
        {
            Propagations.Add(propagation);
        }
        else if (FlagOptions.TryGetValue(option, out var flag))
        {
            Flags = flag.Set ? Flags | flag.Flag : Flags & ~flag.Flag;
            Attributes = Merge(Attributes, flag);
        }
        else if (option.Length > 1 && option[0] == 'r' && RecursiveNames.Contains(option))
        {
            var recursive = FlagOptions[option[1..]];
            Flags = recursive.Set ? Flags | recursive.Flag : Flags & ~recursive.Flag;
            RecursiveAttributes = Merge(RecursiveAttributes, recursive);
        }
        else if (option is "idmap" or "ridmap")
        {
            IdMap = option is "ridmap" ? IdMapForm.Recursive : IdMapForm.Top;
        }
        else if (option is "tmpcopyup")
        {
            throw GantryException.NotImplemented($"mount at {destination}: option {option} is not supported");
        }
        else
        {
            data.Add(option);
        }
    }

    private static MountAttributeChange Merge(MountAttributeChange change, (ulong Flag, bool Set) option)
    {
        var attribute = option.Flag switch
        {
            MS_RDONLY or MS_NOSUID or MS_NODEV or MS_NOEXEC => option.Flag,
            MS_NOATIME => NoAtime,
            MS_STRICTATIME => StrictAtime,
            MS_NODIRATIME => NoDiratime,
            MS_NOSYMFOLLOW => NoSymfollow,
            _ => 0ul,
        };
        if (option.Flag is MS_NOATIME or MS_STRICTATIME or MS_RELATIME)
        {
            // The kernel treats the three as one value: it has to be cleared whole before another is set; relatime is 0.
            return change with { Set = (change.Set & ~AtimeAttributes) | (option.Set ? attribute : 0), Clear = change.Clear | AtimeAttributes };
        }
        return option.Set
            ? change with { Set = change.Set | attribute, Clear = change.Clear & ~attribute }
            : change with { Set = change.Set & ~attribute, Clear = change.Clear | attribute };
    }

    private static readonly Dictionary<string, (ulong Flag, bool Set)> FlagOptions = new(StringComparer.Ordinal)
    {
        ["ro"] = (MS_RDONLY, true), ["rw"] = (MS_RDONLY, false),
        ["nosuid"] = (MS_NOSUID, true), ["suid"] = (MS_NOSUID, false),
        ["nodev"] = (MS_NODEV, true), ["dev"] = (MS_NODEV, false),
        ["noexec"] = (MS_NOEXEC, true), ["exec"] = (MS_NOEXEC, false),
        ["sync"] = (MS_SYNCHRONOUS, true), ["async"] = (MS_SYNCHRONOUS, false),
        ["dirsync"] = (MS_DIRSYNC, true), ["remount"] = (MS_REMOUNT, true),
        ["mand"] = (MS_MANDLOCK, true), ["nomand"] = (MS_MANDLOCK, false),
        ["noatime"] = (MS_NOATIME, true), ["atime"] = (MS_NOATIME, false),
        ["nodiratime"] = (MS_NODIRATIME, true), ["diratime"] = (MS_NODIRATIME, false),
        ["relatime"] = (MS_RELATIME, true), ["norelatime"] = (MS_RELATIME, false),
        ["strictatime"] = (MS_STRICTATIME, true), ["nostrictatime"] = (MS_STRICTATIME, false),
        ["nosymfollow"] = (MS_NOSYMFOLLOW, true), ["symfollow"] = (MS_NOSYMFOLLOW, false),
        ["iversion"] = (MS_I_VERSION, true), ["noiversion"] = (MS_I_VERSION, false),
        ["lazytime"] = (MS_LAZYTIME, true), ["nolazytime"] = (MS_LAZYTIME, false),
        ["silent"] = (MS_SILENT, true), ["loud"] = (MS_SILENT, false),
    };

    private static readonly HashSet<string> RecursiveNames = new(StringComparer.Ordinal)
    {
        "rro", "rrw", "rnosuid", "rsuid", "rnodev", "rdev", "rnoexec", "rexec", "rnodiratime", "rdiratime", "rrelatime", "rnorelatime",
        "rnoatime", "ratime", "rstrictatime", "rnostrictatime", "rnosymfollow", "rsymfollow",
    };

    private static readonly Dictionary<string, ulong> PropagationOptions = new(StringComparer.Ordinal)
    {
        ["private"] = MS_PRIVATE, ["rprivate"] = MS_PRIVATE | MS_REC,
        ["shared"] = MS_SHARED, ["rshared"] = MS_SHARED | MS_REC,
        ["slave"] = MS_SLAVE, ["rslave"] = MS_SLAVE | MS_REC,
        ["unbindable"] = MS_UNBINDABLE, ["runbindable"] = MS_UNBINDABLE | MS_REC,
    };
}
