using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>Whom this process runs as.</summary>
public static partial class ProcessOwner
{
    /// <summary>The effective user and group (geteuid(2), getegid(2)).</summary>
    public static (uint User, uint Group) Current => (geteuid(), getegid());

    [LibraryImport(Libc.Name)]
    private static partial uint geteuid();

    [LibraryImport(Libc.Name)]
    private static partial uint getegid();
}
