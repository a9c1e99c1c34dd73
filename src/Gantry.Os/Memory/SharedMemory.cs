using System.Runtime.InteropServices;

namespace Gantry.Os.Memory;

/// <summary>A mapping of a memfd (memfd_create(2)): memory that lives as long as any process holds its descriptor. Pages cost nothing until touched.</summary>
public sealed partial class SharedMemory : IDisposable
{
    private nint _address;
    private readonly int _length;

    private SharedMemory(nint address, int length) => (_address, _length) = (address, length);

    /// <summary>Makes an anonymous file of zeros.</summary>
    /// <param name="name">What /proc shows for it.</param>
    /// <param name="length">Its size in bytes; it cannot be changed later.</param>
    /// <exception cref="OsException">No descriptor or memory was left.</exception>
    public static unsafe Fd CreateFile(string name, int length)
    {
        int number;
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            number = memfd_create((byte*)text, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
        if (number < 0)
            throw new OsException($"create the memory file {name}", Libc.LastError);
        var file = new Fd(number);
        if (ftruncate(number, length) < 0 || fcntl(number, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        {
            var error = Libc.LastError;
            file.Dispose();
            throw new OsException($"size the memory file {name}", error);
        }
        return file;
    }

    /// <summary>Maps a file that <see cref="CreateFile"/> made, shared and writable. The descriptor may be closed afterwards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">How much to map.</param>
    /// <exception cref="OsException">
    /// The file is no memory file, is smaller than <paramref name="length"/> or may be shrunk by another process (which would turn an
    /// access into a SIGBUS): EINVAL.
    /// </exception>
    public static unsafe SharedMemory Map(Fd file, int length)
    {
        var seals = fcntl(file.Number, F_GET_SEALS, 0);
        if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || lseek(file.Number, 0, SEEK_END) < length)
            throw new OsException("map a memory file", Errno.EINVAL);
        var address = mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.Number, 0);
        return address != -1 ? new SharedMemory(address, length) : throw new OsException("map a memory file", Libc.LastError);
    }

    /// <summary>The mapped bytes. They must not be used after <see cref="Dispose"/>.</summary>
    public unsafe Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address == 0, this);
            // The mapping is this long, cannot shrink (sealed), and stays until Dispose.
            return new Span<byte>((void*)_address, _length);
        }
    }

    /// <summary>Gives the pages of a range back to the kernel; they read as zeros afterwards (MADV_REMOVE of madvise(2)).</summary>
    /// <param name="offset">Start, a multiple of 4096.</param>
    /// <param name="length">Length, a multiple of 4096.</param>
    public void Discard(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset + (uint)length, (uint)_length);
        // Only advice: where it is refused the memory merely stays in use.
        if (_address != 0)
            _ = madvise(_address + offset, length, MADV_REMOVE);
    }

    /// <summary>Removes the mapping.</summary>
    public void Dispose()
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            _ = munmap(address, _length);
    }

    private const uint MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2;
    private const int F_ADD_SEALS = 1033, F_GET_SEALS = 1034, F_SEAL_SEAL = 1, F_SEAL_SHRINK = 2, F_SEAL_GROW = 4;
    private const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MADV_REMOVE = 9, SEEK_END = 2;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint mmap(nint address, nint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int munmap(nint address, nint length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int madvise(nint address, nint length, int advice);
}
