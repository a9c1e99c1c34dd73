using System.Runtime.InteropServices;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Os.Processes;

/// <summary>
/// Keeps the file that this process executes out of the reach of containers. A process that was cloned for a container has it as
/// <c>/proc/self/exe</c> until it executes another: what does so by way of that link, an image's <c>#!/proc/self/exe</c>, can keep a
/// descriptor of the host's file and write to it once nobody executes it any more (CVE-2019-5736).
/// </summary>
public static unsafe partial class OwnProgram
{
    /// <summary>
    /// Hides this process's /proc/PID/exe, fd and mem from processes without CAP_SYS_PTRACE (PR_SET_DUMPABLE of prctl(2)), and executes
    /// the same program again, from a mount that is read-only, unless that is so already. Does not return when it executes.
    /// </summary>
    /// <remarks>
    /// The mount is a clone of the file's own (open_tree(2)), so it is the same file, whatever happened to its path. It is attached nowhere
    /// and goes with its descriptor at the execve: from then on no mount namespace has it, and nobody can make it writable again, also not with
    /// CAP_SYS_ADMIN. A copy in a sealed memfd would be as safe, but costs memory and 2 ms for each process.
    /// </remarks>
    /// <exception cref="OsException">The kernel refused; except for EPERM, as who may not mount has nothing to protect from containers.</exception>
    public static void Protect()
    {
        const int PR_SET_DUMPABLE = 4;
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
            throw new OsException("make this process not dumpable", Libc.LastError);
        using var program = FileOpener.Open("/proc/self/exe", OpenFlags.Path);
        if (FileSystemStatus.Of(program).IsReadOnly)
            return;
        try
        {
            using var mount = DetachedMount.Clone(program, []);
            DetachedMount.SetAttributes(mount, MountAttributes.ReadOnly);
            Execute(mount);
        }
        catch (OsException error) when (error.Errno == Errno.EPERM)
        {
        }
    }

    private static void Execute(Fd file)
    {
        var arguments = File.ReadAllBytes("/proc/self/cmdline");
        var environment = File.ReadAllBytes("/proc/self/environ");
        byte empty = 0;
        // Safe: the texts end with NUL as the kernel gives them, and are pinned, as the vectors are, until execveat copied them.
        fixed (byte* argumentTexts = arguments)
        fixed (byte* environmentTexts = environment)
        fixed (nint* argumentVector = Vector(argumentTexts, arguments))
        fixed (nint* environmentVector = Vector(environmentTexts, environment))
            _ = syscall(SYS_execveat, file.Number, (nint)(&empty), (nint)argumentVector, (nint)environmentVector, AT_EMPTY_PATH);
        throw new OsException("execute this program from a read-only mount", Libc.LastError);
    }

    private static nint[] Vector(byte* start, ReadOnlySpan<byte> texts)
    {
        var vector = new List<nint>();
        for (var offset = 0; offset < texts.Length; offset += texts[offset..].IndexOf((byte)0) + 1)
            vector.Add((nint)(start + offset));
        vector.Add(0);
        return [.. vector];
    }

    private const nint SYS_execveat = 322;
    private const nint AT_EMPTY_PATH = 0x1000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int prctl(int option, nint a, nint b, nint c, nint d);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);
}
