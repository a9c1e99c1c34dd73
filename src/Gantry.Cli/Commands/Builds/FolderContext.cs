using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Oci.Filters;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>A folder as a build context: tells the daemon what files there are, and sends the content of those that it lacks.</summary>
/// <param name="folder">The folder.</param>
/// <param name="ignored">What is left out.</param>
internal sealed class FolderContext(string folder, PatternList ignored) : IClientContext
{
    private const int MessageLength = 1 << 18;
    private const int MaxDepth = 1000;

    // A file that changed so shortly before it is looked at may change once more without its times telling.
    private static readonly long s_tickNanoseconds = 50_000_000;

    private readonly Fd _root = FileOpener.Open(folder, OpenFlags.Directory);
    private readonly List<string> _files = [];

    /// <inheritdoc/>
    public string Key { get; } = $"{Environment.MachineName}:{Path.GetFullPath(folder)}";

    /// <inheritdoc/>
    // Sockets and devices are passed over.
    public async Task SendEntriesAsync(BuildConnection connection, int number)
    {
        var message = new ArrayBufferWriter<byte>(MessageLength + (1 << 12));
        var now = DateTimeOffset.UtcNow;
        var readAt = now.ToUnixTimeSeconds() * 1_000_000_000 + now.Ticks % TimeSpan.TicksPerSecond * 100;
        foreach (var entry in Walk(_root, "", 0, readAt))
        {
            if (message.WrittenCount == 0)
            {
                BinaryPrimitives.WriteInt32LittleEndian(message.GetSpan(4), number);
                message.Advance(4);
            }
            ContextEntries.Write(message, entry);
            _files.Add(entry.Path);
            if (message.WrittenCount < MessageLength)
                continue;
            await connection.SendAsync(BuildFrame.Entries, message.WrittenMemory).ConfigureAwait(false);
            message.ResetWrittenCount();
        }
        if (message.WrittenCount > 0)
            await connection.SendAsync(BuildFrame.Entries, message.WrittenMemory).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task SendContentAsync(BuildConnection connection, int number, int entry)
    {
        using var file = Open(entry);
        await connection.SendFileAsync(number, entry, file).ConfigureAwait(false);
    }

    private Fd Open(int entry)
    {
        var path = Encoding.UTF8.GetBytes(_files[entry]);
        return FileOpener.TryOpenWithin(_root, path, OpenFlags.ReadOnly | OpenFlags.NoFollow, ResolveFlags.Beneath | ResolveFlags.NoSymlinks, 0, out var error)
            ?? throw Unreadable(_files[entry], error);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private IEnumerable<ContextEntry> Walk(Fd directory, string below, int depth, long readAt)
    {
        if (depth > MaxDepth)
            throw new CommandException($"the build context is deeper than {MaxDepth} folders at {below}");
        foreach (var found in DirectoryReader.Read(directory))
        {
            var name = Encoding.UTF8.GetString(found.Name);
            var path = below.Length == 0 ? name : $"{below}/{name}";
            var isIgnored = !ignored.IsEmpty && ignored.Excludes(path);
            if (isIgnored && !ignored.MayTakeBackBelow(path))
                continue;
            if (FileStatusReader.TryRead(directory, found.Name, out _) is not { } status)
                continue;
            if (!isIgnored && status.Kind is FileKind.Directory or FileKind.Regular or FileKind.SymbolicLink)
                yield return Describe(path, directory, found.Name, status, readAt);
            if (!status.IsDirectory)
                continue;
            using var child = Enter(directory, found.Name, path);
            foreach (var entry in Walk(child, path, depth + 1, readAt))
                yield return entry;
        }
    }

    private static Fd Enter(Fd directory, byte[] name, string path) =>
        FileOpener.TryOpen(directory, name, OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error) ?? throw Unreadable(path, error);

    private static CommandException Unreadable(string path, Errno error) =>
        new($"open {path} of the build context: {error.Description}{(error == Errno.EACCES ? ": make it readable, or leave it out by .dockerignore" : "")}");

    private static ContextEntry Describe(string path, Fd directory, byte[] name, in FileStatus status, long readAt)
    {
        var link = status.IsSymbolicLink ? Encoding.UTF8.GetString(FileNodes.TryReadLink(directory, name, out _) ?? []) : "";
        var changed = status.Changed.Seconds * 1_000_000_000 + status.Changed.Nanoseconds;
        var identity = changed > readAt - s_tickNanoseconds ? 0 : Mix(status.Inode, status.Device.Packed, (ulong)changed);
        return new ContextEntry(
            path, (uint)status.Kind | status.Permissions, status.IsRegular ? status.Size : 0, status.Modified.Seconds, status.Modified.Nanoseconds,
            identity, link);
    }

    /// <summary>FNV-1a over the words.</summary>
    private static ulong Mix(params ReadOnlySpan<ulong> words)
    {
        var hash = 14695981039346656037UL;
        foreach (var word in words)
        {
            for (var shift = 0; shift < 64; shift += 8)
                hash = (hash ^ (word >> shift & 0xff)) * 1099511628211UL;
        }
        return hash == 0 ? 1 : hash;
    }
}
