namespace Gantry.Os;

/// <summary>A system call failed. The message reads <c>what it did: ENOENT (no such file or directory)</c>.</summary>
/// <param name="operation">What was being done and on what, e.g. <c>mount proc at /proc</c>.</param>
/// <param name="errno">The kernel's answer.</param>
public sealed class OsException(string operation, Errno errno)
    : IOException($"{operation}: {errno.Name} ({errno.Description})")
{
    /// <summary>What was being done and on what.</summary>
    public string Operation { get; } = operation;

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; } = errno;
}
