using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// One page of machine code that makes a system call: what glibc's <c>syscall()</c> does, without errno. It exists because a cloned
/// child must not run any code of the .NET runtime, and every P/Invoke, even with <c>SuppressGCTransition</c>, polls for a garbage
/// collection when it returns. Called through a managed function pointer, this page is a plain <c>call</c>.
/// </summary>
internal sealed unsafe partial class SystemCallStub
{
    private const int PageSize = 4096;
    private const int ProbeOffset = 64;
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int PROT_EXEC = 4;
    private const int MAP_PRIVATE = 0x02;
    private const int MAP_ANONYMOUS = 0x20;

    /// <summary>Makes the page. It stays for as long as the process: a child may be running in it.</summary>
    /// <exception cref="OsException">No executable memory is to be had.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is not an x86-64.</exception>
    internal SystemCallStub()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new PlatformNotSupportedException($"containers cannot be created on {RuntimeInformation.ProcessArchitecture}: only x86-64 is supported");
        var page = mmap(null, PageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == -1)
            throw new OsException("map a page for machine code", Libc.LastError);
        Code.CopyTo(new Span<byte>((void*)page, PageSize));
        ProbeCode.CopyTo(new Span<byte>((byte*)page + ProbeOffset, ProbeCode.Length));
        if (mprotect((void*)page, PageSize, PROT_READ | PROT_EXEC) != 0)
            throw new OsException("make a page executable", Libc.LastError);
        Address = page;
    }

    /// <summary>
    /// Where the code begins: a function (number, six arguments) that returns the kernel's answer, -4095 to -1 being errors. It
    /// follows the C calling convention, which on x86-64 Linux is the managed one as well.
    /// </summary>
    internal nint Address { get; }

    /// <summary>A function that returns where in its caller it was called from.</summary>
    internal nint Probe => Address + ProbeOffset;

    /// <summary>mov rax,[rsp]; ret.</summary>
    private static ReadOnlySpan<byte> ProbeCode => [0x48, 0x8b, 0x04, 0x24, 0xc3];

    /// <summary>
    /// mov rax,rdi; mov rdi,rsi; mov rsi,rdx; mov rdx,rcx; mov r10,r8; mov r8,r9; mov r9,[rsp+8]; syscall; ret: the arguments of a
    /// function, moved by one place into those of a system call (r10 instead of rcx, which the instruction itself uses).
    /// </summary>
    private static ReadOnlySpan<byte> Code =>
    [
        0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x48, 0x89, 0xca, 0x4d, 0x89, 0xc2, 0x4d, 0x89, 0xc8,
        0x4c, 0x8b, 0x4c, 0x24, 0x08, 0x0f, 0x05, 0xc3,
    ];

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mprotect(void* address, nuint length, int protection);
}
