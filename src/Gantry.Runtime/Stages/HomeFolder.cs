using System.Globalization;
using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Stages;

/// <summary>Looks up a user's home folder in a container's /etc/passwd.</summary>
internal static class HomeFolder
{
    private const int MaximumSize = 1 << 20;

    /// <summary>The home folder; <c>/</c> when the file or the user is missing.</summary>
    /// <param name="root">The container's root directory.</param>
    /// <param name="user">The user's ID.</param>
    internal static string Find(Fd root, uint user)
    {
        using var file = FileOpener.TryOpenWithin(
            root, "etc/passwd"u8, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks,
            0, out _);
        // An image may hold anything under this name: a FIFO would block, a huge file would fill the memory.
        if (file is null || !FileStatusReader.Read(file).IsRegular || FileStatusReader.Read(file).Size > MaximumSize)
            return "/";
        var bytes = new byte[FileStatusReader.Read(file).Size];
        var length = 0;
        while (length < bytes.Length && FileData.Read(file, bytes.AsSpan(length)) is > 0 and var count)
            length += count;
        var id = user.ToString(CultureInfo.InvariantCulture);
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, length).Split('\n'))
        {
            var fields = line.Split(':');
            if (fields.Length >= 6 && fields[2] == id)
                return fields[5].Length > 0 ? fields[5] : "/";
        }
        return "/";
    }
}
