using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Terminals;

/// <summary>A pseudo-terminal (pty(7)): what is written to one side is read from the other.</summary>
/// <param name="Master">The side of whoever shows the terminal. Reading gives EIO when the last holder of the other side is gone.</param>
/// <param name="Slave">The side of the program.</param>
public readonly record struct PseudoTerminal(Fd Master, Fd Slave)
{
    /// <summary>
    /// Opens a pair from the calling process's own devpts. The slave is opened through the master (TIOCGPTPEER), so its path need
    /// not exist in the mount namespace of whoever uses it.
    /// </summary>
    /// <exception cref="OsException">There is no /dev/ptmx, or no pair is left.</exception>
    public static PseudoTerminal Open() => OpenSlave(FileOpener.Open("/dev/ptmx", OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal));

    /// <summary>Opens a pair in an instance of devpts. What may have been mounted over its <c>ptmx</c> is refused (EXDEV).</summary>
    /// <param name="folder">The instance's root directory.</param>
    /// <exception cref="OsException">It is no devpts, or no pair is left.</exception>
    public static PseudoTerminal Open(Fd folder) => OpenSlave(FileOpener.OpenWithin(
        folder, "ptmx"u8, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal, ResolveFlags.Beneath | ResolveFlags.NoCrossMounts | ResolveFlags.NoSymlinks));

    private static unsafe PseudoTerminal OpenSlave(Fd master)
    {
        var unlocked = 0;
        var slave = TerminalCalls.ioctl(master.Number, TerminalCalls.TIOCSPTLCK, (nint)(&unlocked)) < 0
            ? -1
            : TerminalCalls.ioctl(master.Number, TerminalCalls.TIOCGPTPEER, TerminalCalls.OpenFlags);
        if (slave >= 0)
            return new PseudoTerminal(master, new Fd(slave));
        var error = Libc.LastError;
        master.Dispose();
        throw new OsException("open the slave of a pseudo-terminal", error);
    }

    /// <summary>Sets the window size; the foreground process group gets SIGWINCH when it changed (TIOCSWINSZ of ioctl_tty(2)).</summary>
    /// <param name="terminal">Either side.</param>
    /// <param name="rows">Height in characters.</param>
    /// <param name="columns">Width in characters.</param>
    /// <exception cref="OsException">It is no terminal.</exception>
    public static unsafe void Resize(Fd terminal, ushort rows, ushort columns)
    {
        var size = stackalloc ushort[4] { rows, columns, 0, 0 };
        if (TerminalCalls.ioctl(terminal.Number, TerminalCalls.TIOCSWINSZ, (nint)size) < 0)
            throw new OsException($"resize the terminal to {rows} rows, {columns} columns", Libc.LastError);
    }

    /// <summary>The window size (TIOCGWINSZ of ioctl_tty(2)).</summary>
    /// <param name="terminal">Either side.</param>
    /// <exception cref="OsException">It is no terminal.</exception>
    public static unsafe (ushort Rows, ushort Columns) GetSize(Fd terminal)
    {
        var size = stackalloc ushort[4];
        return TerminalCalls.ioctl(terminal.Number, TerminalCalls.TIOCGWINSZ, (nint)size) == 0
            ? (size[0], size[1])
            : throw new OsException("read the size of the terminal", Libc.LastError);
    }
}

internal static partial class TerminalCalls
{
    internal const int OpenFlags = 0x2 | 0x100 | 0x80000; // O_RDWR | O_NOCTTY | O_CLOEXEC
    internal const nuint TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441, TIOCSWINSZ = 0x5414, TIOCGWINSZ = 0x5413;

    [LibraryImport(Libc.Name, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nint argument);
}
