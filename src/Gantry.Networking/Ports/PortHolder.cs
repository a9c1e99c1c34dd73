using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gantry.Networking.Ports;

/// <summary>Finds which process has a port, by the kernel's lists of sockets (proc_net_tcp). Slow: for the text of an error.</summary>
internal static class PortHolder
{
    private const int LocalColumn = 1, InodeColumn = 9;

    /// <summary>The process, as <c>123 (name)</c>; null when it cannot be found.</summary>
    internal static string? Find(PortProtocol protocol, IPAddress address, ushort port)
    {
        try
        {
            var name = protocol.ToString().ToLowerInvariant();
            // A socket of IPv6 may take the port of IPv4 as well.
            var inodes = SocketsAt($"/proc/thread-self/net/{name}6", port);
            if (address.AddressFamily == AddressFamily.InterNetwork)
                inodes.UnionWith(SocketsAt($"/proc/thread-self/net/{name}", port));
            return inodes.Count == 0 ? null : OwnerOf(inodes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static HashSet<string> SocketsAt(string list, ushort port)
    {
        var inodes = new HashSet<string>();
        if (!File.Exists(list))
            return inodes;
        foreach (var line in File.ReadLines(list).Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > InodeColumn && columns[LocalColumn]
                .EndsWith($":{port.ToString("X4", CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
                inodes.Add($"socket:[{columns[InodeColumn]}]");
        }
        return inodes;
    }

    private static string? OwnerOf(HashSet<string> sockets)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            if (Holds(process, sockets))
                return $"{Path.GetFileName(process)} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
        }
        return null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(file => File.ResolveLinkTarget(file, false) is { } target && sockets.Contains(Path.GetFileName(target.FullName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or it is not ours to look into.
            return false;
        }
    }
}
