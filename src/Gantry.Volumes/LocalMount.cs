using System.Net;
using System.Net.Sockets;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Volumes;

/// <summary>Mounts what the options of a volume say, on the volume's folder, as mount(8) would.</summary>
internal static class LocalMount
{
    private const ulong MS_RDONLY = 1, MS_REMOUNT = 32, MS_BIND = 4096, MS_REC = 16384;
    private const ulong PropagationFlags = 0x1e0000;

    /// <summary>Flags of mount(2) by the names of mount(8); what is not here is the filesystem's.</summary>
    private static readonly Dictionary<string, (ulong Flag, bool Set)> s_flags = new(StringComparer.Ordinal)
    {
        ["defaults"] = (0, true), ["ro"] = (MS_RDONLY, true), ["rw"] = (MS_RDONLY, false),
        ["nosuid"] = (2, true), ["suid"] = (2, false), ["nodev"] = (4, true), ["dev"] = (4, false), ["noexec"] = (8, true), ["exec"] = (8, false),
        ["sync"] = (16, true), ["async"] = (16, false), ["mand"] = (64, true), ["nomand"] = (64, false), ["dirsync"] = (128, true),
        ["noatime"] = (1024, true), ["atime"] = (1024, false), ["nodiratime"] = (2048, true), ["diratime"] = (2048, false),
        ["bind"] = (MS_BIND, true), ["rbind"] = (MS_BIND | MS_REC, true),
        ["relatime"] = (1 << 21, true), ["norelatime"] = (1 << 21, false), ["strictatime"] = (1 << 24, true), ["nostrictatime"] = (1 << 24, false),
        ["unbindable"] = (1 << 17, true), ["runbindable"] = (1 << 17 | MS_REC, true), ["private"] = (1 << 18, true), ["rprivate"] = (1 << 18 | MS_REC, true),
        ["slave"] = (1 << 19, true), ["rslave"] = (1 << 19 | MS_REC, true), ["shared"] = (1 << 20, true), ["rshared"] = (1 << 20 | MS_REC, true),
    };

    /// <summary>Mounts it.</summary>
    /// <exception cref="GantryException">The kernel, or who knows addresses, refused; in docker's words, without passwords.</exception>
    internal static void Make(Volume volume)
    {
        var options = volume.Local;
        var failed = $"error while mounting volume '{volume.Mountpoint}': ";
        var (device, text) = ResolveAddress(options, failed);
        var (flags, data) = Split(text);
        using var target = FileOpener.Open(volume.Mountpoint, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow);
        var error = HostMount.TryMount(device, target, (flags & MS_BIND) != 0 ? "" : options.Type, flags & ~PropagationFlags, data);
        if (error.Value != 0)
            throw new GantryException(ErrorKind.System, failed + Failure(device, volume.Mountpoint, flags, data, error));
        try
        {
            Finish(volume.Mountpoint, flags);
        }
        catch (OsException e)
        {
            HostMount.TryUnmount(volume.Mountpoint, detach: true);
            throw new GantryException(ErrorKind.System, $"{failed}failed to mount local volume: {e.Message}", e);
        }
    }

    /// <summary>What a bind mount cannot be told in the call that makes it: to be read-only and the like, and its propagation.</summary>
    private static void Finish(string mountpoint, ulong flags)
    {
        var attributes = flags & ~(MS_BIND | MS_REC | PropagationFlags);
        var isBind = (flags & MS_BIND) != 0 && attributes != 0;
        if (!isBind && (flags & PropagationFlags) == 0)
            return;
        // What is mounted now, not what it was mounted on.
        using var mounted = FileOpener.Open(mountpoint, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow);
        if (isBind)
            Check(HostMount.TryMount("", mounted, "", attributes | MS_BIND | MS_REMOUNT, ""), $"set the options of the bind at {mountpoint}");
        if ((flags & PropagationFlags) != 0)
            Check(HostMount.TryMount("", mounted, "", flags & (PropagationFlags | MS_REC), ""), $"set the propagation of {mountpoint}");
    }

    /// <summary>The kernel wants addresses of servers, not their names.</summary>
    private static (string Device, string Options) ResolveAddress(LocalOptions options, string failed)
    {
        if (options.Type is not ("nfs" or "nfs4" or "cifs" or "smb3"))
            return (options.Device!, options.MountOptions);
        var given = options.MountOptions.Split(',');
        var index = Array.FindIndex(given, static option => option.StartsWith("addr=", StringComparison.Ordinal));
        if (index >= 0)
        {
            given[index] = "addr=" + Resolve(given[index]["addr=".Length..], failed);
            return (options.Device!, string.Join(',', given));
        }
        if (options.Type is not ("cifs" or "smb3") || !options.Device!.StartsWith("//", StringComparison.Ordinal))
            return (options.Device!, options.MountOptions);
        var slash = options.Device.IndexOf('/', 2);
        var host = slash < 0 ? options.Device[2..] : options.Device[2..slash];
        return (host.Length == 0 ? options.Device : "//" + Resolve(host, failed) + (slash < 0 ? "" : options.Device[slash..]), options.MountOptions);
    }

    private static string Resolve(string host, string failed)
    {
        if (IPAddress.TryParse(host, out _))
            return host;
        try
        {
            var addresses = Dns.GetHostAddresses(host);
            return addresses.OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First().ToString();
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException or ArgumentException)
        {
            throw new GantryException(ErrorKind.System, $"{failed}error resolving passed in network volume address: lookup {host}: no such host", e);
        }
    }

    private static (ulong Flags, string Data) Split(string options)
    {
        ulong flags = 0;
        var data = new List<string>();
        foreach (var option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (s_flags.TryGetValue(option, out var known))
                flags = known.Set ? flags | known.Flag : flags & ~known.Flag;
            else
                data.Add(option);
        }
        return (flags, string.Join(',', data));
    }

    private static string Failure(string device, string mountpoint, ulong flags, string data, Errno error)
    {
        var text = $"failed to mount local volume: mount {device}:{mountpoint}";
        if (flags != 0)
            text += $", flags: 0x{flags:x}";
        if (data.Length > 0)
            text += ", data: " + string.Join(',',
                data.Split(',').Select(static option => option.StartsWith("password=", StringComparison.Ordinal) ? "password=********" : option));
        return $"{text}: {error.Description}";
    }

    private static void Check(Errno error, string operation)
    {
        if (error.Value != 0)
            throw new OsException(operation, error);
    }
}
