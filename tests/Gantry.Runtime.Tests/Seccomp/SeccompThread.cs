using System.Runtime.InteropServices;

namespace Gantry.Runtime.Tests.Seccomp;

/// <summary>Loads a filter on a thread of its own (a filter is a thread's, and ends with it) and makes calls there.</summary>
internal static class SeccompThread
{
    private const long SeccompNumber = 317, SetModeFilter = 1;

    internal static void Run(byte[] program, Action<Func<uint, long, long>> calls)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Load(program);
                calls((number, argument) => syscall(number, argument, 0, 0) is var result and >= 0 ? result : -Marshal.GetLastPInvokeError());
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("on the filtered thread", failure);
    }

    private static void Load(byte[] program)
    {
        var code = GCHandle.Alloc(program, GCHandleType.Pinned);
        var descriptor = GCHandle.Alloc(new[] { (nint)(program.Length / 8), code.AddrOfPinnedObject() }, GCHandleType.Pinned);
        try
        {
            if (syscall(SeccompNumber, SetModeFilter, 0, descriptor.AddrOfPinnedObject()) != 0)
                throw new InvalidOperationException($"seccomp: errno {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            descriptor.Free();
            code.Free();
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern long syscall(long number, long first, long second, nint third);
}
