using System.Globalization;

namespace Gantry.Runtime.Seccomp;

/// <summary>
/// The numbers of the system calls, by architecture. The lists of names in the other files of this class are in the order of their
/// numbers; <c>N=name</c> skips to N.
/// </summary>
internal static partial class SyscallNumbers
{
    /// <summary>Set in the number of a call made through the x32 ABI (__X32_SYSCALL_BIT).</summary>
    internal const uint X32Bit = 0x40000000;

    // The calls of x86-64 that x32 has under numbers of its own (ABI "x32" of syscall_64.tbl), and those it does not have.
    private const string X32Names =
        """
        512=rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait
        rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages preadv
        pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup io_submit execveat
        preadv2 pwritev2
        """;

    private const string AbsentFromX32 =
        "uselib _sysctl create_module get_kernel_syms query_module nfsservctl set_thread_area get_thread_area epoll_ctl_old epoll_wait_old vserver";

    internal static Dictionary<string, uint> X64() => Parse(X64Names);

    internal static Dictionary<string, uint> X86() => Parse(X86Names);

    internal static Dictionary<string, uint> Arm64() => Parse(Arm64Names);

    internal static Dictionary<string, uint> Arm() => Parse(ArmNames);

    internal static Dictionary<string, uint> X32()
    {
        var numbers = X64();
        foreach (var absent in AbsentFromX32.Split(' '))
            numbers.Remove(absent);
        foreach (var (name, number) in Parse(X32Names))
            numbers[name] = number;
        foreach (var name in numbers.Keys)
            numbers[name] |= X32Bit;
        return numbers;
    }

    private static Dictionary<string, uint> Parse(string names)
    {
        var numbers = new Dictionary<string, uint>(512);
        uint next = 0;
        foreach (var range in names.AsSpan().SplitAny(' ', '\n'))
        {
            var name = names.AsSpan()[range];
            if (name.IndexOf('=') is var equals and > 0)
            {
                next = uint.Parse(name[..equals], NumberStyles.None, CultureInfo.InvariantCulture);
                name = name[(equals + 1)..];
            }
            numbers.Add(name.ToString(), next++);
        }
        return numbers;
    }
}
