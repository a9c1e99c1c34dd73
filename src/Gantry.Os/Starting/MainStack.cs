using System.Runtime;
using System.Runtime.CompilerServices;

namespace Gantry.Os.Starting;

/// <summary>
/// Tells the runtime where the first thread's stack is. The C library finds its upper end in <c>/proc/self/maps</c>, which the kernel writes
/// for it line by line, and which it parses with scanf: a thirtieth of the time of a short command. The kernel has put the name of the
/// program there, too, and says where.
/// </summary>
/// <remarks>Linked in by <c>--wrap=pthread_getattr_np</c>, and like <see cref="ProgramEntry"/> written like C: it runs before the runtime does.</remarks>
internal static unsafe class MainStack
{
    [RuntimeExport("__wrap_pthread_getattr_np")]
    private static int GetAttributes(nint thread, void* attributes)
    {
        Limit stack;
        var name = (byte*)getauxval(AT_EXECFN);
        if (gettid() != getpid() || name == null || getrlimit(RLIMIT_STACK, &stack) != 0 || stack.Current is < Smallest or > Largest)
            return __real_pthread_getattr_np(thread, attributes);
        var end = ((nint)(name + strlen(name)) | (Page - 1)) + 1;
        var size = (nint)(stack.Current & ~(ulong)(Page - 1));
        var result = pthread_attr_init(attributes);
        return result != 0 ? result : pthread_attr_setstack(attributes, end - size, size);
    }

    private struct Limit
    {
        public ulong Current;
        public ulong Most;
    }

    private const nint Page = 4096;
    private const nint AT_EXECFN = 31;
    private const int RLIMIT_STACK = 3;

    /// <summary>Bytes; outside of these the C library has rules of its own.</summary>
    private const ulong Smallest = 1 << 20, Largest = 1 << 30;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("getauxval")]
    private static extern nint getauxval(nint type);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("gettid")]
    private static extern int gettid();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("getpid")]
    private static extern int getpid();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("getrlimit")]
    private static extern int getrlimit(int resource, Limit* limit);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("strlen")]
    private static extern nint strlen(byte* text);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("pthread_attr_init")]
    private static extern int pthread_attr_init(void* attributes);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("pthread_attr_setstack")]
    private static extern int pthread_attr_setstack(void* attributes, nint address, nint size);

    /// <summary>The C library's own.</summary>
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("__real_pthread_getattr_np")]
    private static extern int __real_pthread_getattr_np(nint thread, void* attributes);
}
