using System.Runtime.InteropServices;

namespace Gantry.Os.Security;

/// <summary>The capabilities of this process (capget(2)), as bit masks by number.</summary>
public static unsafe partial class ProcessCapabilities
{
    /// <summary>The <c>version</c> of the structures of capget(2) and capset(2): two words a set.</summary>
    public const uint Version3 = 0x20080522;

    /// <summary>What the calling thread is permitted.</summary>
    /// <exception cref="OsException">The kernel does not know this version of the structures.</exception>
    public static ulong ReadPermitted()
    {
        var header = stackalloc uint[2] { Version3, 0 };
        var data = stackalloc uint[6];
        if (capget(header, data) != 0)
            throw new OsException("read the capabilities of this process", Libc.LastError);
        return data[1] | (ulong)data[4] << 32;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int capget(uint* header, uint* data);
}
