using System.Globalization;
using System.Text;
using Gantry.Os.Files;
using Gantry.Os.Processes;

namespace Gantry.Os.Namespaces;

/// <summary>A range of a user namespace's IDs (user_namespaces(7), "User and group ID mappings").</summary>
/// <param name="Inside">The first ID inside.</param>
/// <param name="Outside">The first ID outside.</param>
/// <param name="Count">How many.</param>
public readonly record struct IdRange(uint Inside, uint Outside, uint Count);

/// <summary>
/// User namespaces that no process is in: the mappings of idmapped mounts (mount_setattr(2), MOUNT_ATTR_IDMAP). Such a namespace lives as
/// long as its descriptor or a mount that has it.
/// </summary>
public static class UserNamespace
{
    private const ulong CLONE_NEWUSER = 0x1000_0000;
    private const int SIGKILL = 9;

    /// <summary>Makes a namespace with these mappings.</summary>
    /// <param name="users">Of user IDs, at most 340 ranges.</param>
    /// <param name="groups">Of group IDs.</param>
    /// <exception cref="OsException">EINVAL: ranges overlap. EPERM: this process has not the right. ENOSPC: there are too many namespaces.</exception>
    public static Fd Create(IReadOnlyList<IdRange> users, IReadOnlyList<IdRange> groups)
    {
        if (Overlap(users) || Overlap(groups))
            throw new OsException("make a user namespace whose ranges overlap", Errno.EINVAL);
        // A namespace is made by the process that will be in it, and this one has threads: so a child is, and waits until it is killed.
        var gate = Pipes.Pipe.Create();
        using var reader = gate.Reader;
        using var writer = gate.Writer;
        var builder = new ProcessProgramBuilder { CloneFlags = CLONE_NEWUSER };
        builder.Call("close the other end of the gate", SystemCall.Close, new ProgramDescriptor(1)); // So that it ends with this process, too.
        builder.Call("wait in a user namespace", SystemCall.Read, new ProgramDescriptor(0), builder.Reserve(8), 1);
        builder.Fail("end", Errno.ECANCELED);
        var child = new ProcessSpawner().SpawnHeld(builder.Build(), [reader.Number, writer.Number]);
        try
        {
            WriteMap(child.Pid, "uid_map", users);
            WriteMap(child.Pid, "gid_map", groups);
            return FileOpener.Open($"/proc/{child.Pid}/ns/user", OpenFlags.ReadOnly);
        }
        finally
        {
            PidFd.SendSignal(child.PidFd, SIGKILL);
            child.Conclude();
        }
    }

    private static bool Overlap(IReadOnlyList<IdRange> ranges) => ranges.Where((one, index) => ranges.Skip(index + 1).Any(other =>
        Overlap(one.Inside, one.Count, other.Inside, other.Count) || Overlap(one.Outside, one.Count, other.Outside, other.Count))).Any();

    private static bool Overlap(uint one, uint count, uint other, uint otherCount) => one < (ulong)other + otherCount && other < (ulong)one + count;

    private static void WriteMap(int process, string name, IReadOnlyList<IdRange> ranges)
    {
        var text = new StringBuilder();
        foreach (var range in ranges)
            text.Append(CultureInfo.InvariantCulture, $"{range.Inside} {range.Outside} {range.Count}\n");
        // The kernel takes the whole map in one write.
        using var file = FileOpener.Open($"/proc/{process}/{name}", OpenFlags.WriteOnly);
        try
        {
            FileData.Write(file, Encoding.ASCII.GetBytes(text.ToString()));
        }
        catch (OsException e)
        {
            throw new OsException($"set {name} of a user namespace to {text.Replace('\n', ';').ToString().TrimEnd(';')}", e.Errno);
        }
    }
}
