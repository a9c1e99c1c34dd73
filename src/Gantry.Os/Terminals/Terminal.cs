using System.Runtime.InteropServices;

namespace Gantry.Os.Terminals;

/// <summary>A terminal that this process was started on: its mode and its size (termios(3), ioctl_tty(2)).</summary>
public static unsafe partial class Terminal
{
    private const int TCSANOW = 0;
    private const nuint TIOCGWINSZ = 0x5413;
    private const nuint TIOCGPGRP = 0x540f;
    private const uint ICANON = 2;
    private const uint ECHO = 8;

    // c_iflag, c_oflag and c_cflag are before it, four bytes each.
    private const int LocalFlags = 3;

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor)
    {
        TerminalAttributes attributes;
        // Safe: the kernel's struct is smaller than the buffer of glibc's, which is passed whole.
        return tcgetattr(descriptor, (byte*)&attributes) == 0;
    }

    /// <summary>Columns and rows of a terminal, or null: the descriptor is none. Commands ask on that chance.</summary>
    public static (ushort Rows, ushort Columns)? GetSize(int descriptor)
    {
        var size = stackalloc ushort[4];
        // Safe: struct winsize is four unsigned shorts: rows, columns, and two unused pixel counts.
        return ioctl(descriptor, TIOCGWINSZ, size) == 0 ? (size[0], size[1]) : null;
    }

    /// <summary>
    /// Sets raw mode: every key goes through as it is, nothing is echoed, Ctrl-C is a byte. The result restores the former mode when
    /// disposed; a process that ends without that leaves the user's shell unusable.
    /// </summary>
    /// <exception cref="OsException">The descriptor is no terminal.</exception>
    public static RawMode EnterRawMode(int descriptor)
    {
        TerminalAttributes former;
        if (tcgetattr(descriptor, (byte*)&former) != 0)
            throw new OsException($"read the terminal mode of descriptor {descriptor}", Libc.LastError);
        var raw = former;
        cfmakeraw((byte*)&raw);
        if (tcsetattr(descriptor, TCSANOW, (byte*)&raw) != 0)
            throw new OsException($"set raw mode on descriptor {descriptor}", Libc.LastError);
        return new RawMode(descriptor, former);
    }

    /// <summary>
    /// Sets the mode in which single keys are read: they come at once and are not echoed, but Ctrl-C still is a signal and lines end as ever. The result
    /// restores
    /// the former mode. Null when this process is not in the foreground: to change the terminal would stop it.
    /// </summary>
    /// <exception cref="OsException">The descriptor is no terminal.</exception>
    public static RawMode? EnterKeyMode(int descriptor)
    {
        int group;
        // Safe: the kernel writes one pid_t.
        if (ioctl(descriptor, TIOCGPGRP, &group) != 0 || group != getpgrp())
            return null;
        TerminalAttributes former;
        if (tcgetattr(descriptor, (byte*)&former) != 0)
            throw new OsException($"read the terminal mode of descriptor {descriptor}", Libc.LastError);
        var keys = former;
        // Safe: the fourth word of struct termios.
        ((uint*)&keys)[LocalFlags] &= ~(ICANON | ECHO);
        if (tcsetattr(descriptor, TCSANOW, (byte*)&keys) != 0)
            throw new OsException($"set the mode of keys on descriptor {descriptor}", Libc.LastError);
        return new RawMode(descriptor, former);
    }

    /// <summary>glibc's struct termios, opaque: four flag words, the line discipline, 32 control characters, two speeds.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    internal struct TerminalAttributes;

    /// <summary>Raw mode that ends when this is disposed.</summary>
    public sealed class RawMode : IDisposable
    {
        private readonly int _descriptor;
        private readonly TerminalAttributes _former;
        private int _restored;

        internal RawMode(int descriptor, TerminalAttributes former)
        {
            _descriptor = descriptor;
            _former = former;
        }

        /// <summary>Restores the mode from before. It is done once, from whichever thread comes first.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _restored, 1) != 0)
                return;
            var former = _former;
            // The result is not looked at: the terminal may be gone, and then there is nothing to restore.
            _ = tcsetattr(_descriptor, TCSANOW, (byte*)&former);
        }
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int tcgetattr(int fd, byte* attributes);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int tcsetattr(int fd, int when, byte* attributes);

    [LibraryImport(Libc.Name)]
    private static partial int getpgrp();

    [LibraryImport(Libc.Name)]
    private static partial void cfmakeraw(byte* attributes);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
