using System.Runtime.InteropServices;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>
/// The other process of a race, as one in a container that shares a volume: it puts now one thing at a path, now another, as fast as it
/// can.
/// </summary>
internal sealed class Swapper : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _swaps;

    /// <param name="path">What the victim uses; it exists.</param>
    /// <param name="other">What takes its place; it exists, in the same folder.</param>
    public Swapper(string path, string other)
    {
        _thread = new Thread(() => Swap(path, other));
        _thread.Start();
    }

    /// <summary>How often it has swapped: a race in which nobody runs proves nothing.</summary>
    public long Swaps => Volatile.Read(ref _swaps);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Swap(string path, string other)
    {
        while (!_stop)
        {
            if (renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE) != 0) continue; // Somebody has put a mount there for a moment.
            Volatile.Write(ref _swaps, _swaps + 1);
            Thread.SpinWait(100);
        }
    }

    private const int AT_FDCWD = -100;
    private const uint RENAME_EXCHANGE = 2;

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int renameat2(int directory, string path, int otherDirectory, string other, uint flags);
}
