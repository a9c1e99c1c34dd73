using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Seccomp;

/// <summary>
/// A call which programs for i386 can also make through <c>socketcall</c> or <c>ipc</c> (linux/net.h, linux/ipc.h): a rule about
/// <c>socket</c> has to hold there too. The arguments then are in memory, where no filter can look, so that conditions fall away as
/// they do in libseccomp.
/// </summary>
/// <param name="Through">The call it is made through.</param>
/// <param name="Selector">Its number there: the first argument.</param>
internal sealed record MultiplexedCall(string Through, uint Selector)
{
    // In the order of SYS_SOCKET (1) to SYS_SENDMMSG (20).
    private static readonly string[] SocketCalls =
    [
        "socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername", "socketpair", "send", "recv", "sendto", "recvfrom",
        "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
    ];

    internal SeccompCondition Condition => new(0, Selector, "SCMP_CMP_EQ");

    internal static MultiplexedCall? Find(string name)
    {
        if (Array.IndexOf(SocketCalls, name) is var socketCall and >= 0)
            return new MultiplexedCall("socketcall", (uint)socketCall + 1);
        uint selector = name switch
        {
            "semop" => 1,
            "semget" => 2,
            "semctl" => 3,
            "semtimedop" => 4,
            "msgsnd" => 11,
            "msgrcv" => 12,
            "msgget" => 13,
            "msgctl" => 14,
            "shmat" => 21,
            "shmdt" => 22,
            "shmget" => 23,
            "shmctl" => 24,
            _ => 0,
        };
        return selector == 0 ? null : new MultiplexedCall("ipc", selector);
    }
}
