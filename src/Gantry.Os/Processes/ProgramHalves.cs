using System.Runtime;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// The entry of the native program <c>gantry</c>, which holds command line and daemon as two programs of .NET side by side: it calls the
/// <c>main</c> of one of them, before any .NET has started. <c>eng/client-half</c> makes this method the linker's <c>__wrap_main</c>.
/// </summary>
/// <remarks>Written like C, for the reasons that <see cref="ProgramEntry"/> tells.</remarks>
internal static unsafe partial class ProgramHalves
{
    /// <summary>The C library's <c>main</c>.</summary>
    [RuntimeExport("gantry_main")]
    private static int Main(int count, byte** arguments, byte** environment)
    {
        fixed (byte* daemonName = "dockerd"u8)
        fixed (byte* daemonCommand = "daemon"u8)
        {
            var isDaemon = count > 0 && AreSame(LastPart(arguments[0]), daemonName) || count > 1 && AreSame(arguments[1], daemonCommand);
            return isDaemon ? __real_main(count, arguments, environment) : gantry_client_main(count, arguments, environment);
        }
    }

    private static byte* LastPart(byte* path)
    {
        var part = path;
        for (; *path != 0; path++)
            if (*path == '/')
                part = path + 1;
        return part;
    }

    private static bool AreSame(byte* left, byte* right)
    {
        for (; *left == *right; left++, right++)
            if (*left == 0)
                return true;
        return false;
    }

    /// <summary>The daemon's <c>main</c>.</summary>
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int __real_main(int count, byte** arguments, byte** environment);

    /// <summary>The command line's <c>main</c>.</summary>
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int gantry_client_main(int count, byte** arguments, byte** environment);

    // Of the linker's, by the client half alone: other programs that have this code do not have these functions.
    private const string Library = "gantry-halves";
}
