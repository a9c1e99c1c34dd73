using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Networks;

/// <summary>
/// Another machine beside this one, a network namespace at the other end of a wire: 198.51.100.2, and this one is 198.51.100.1. Its programs are those of
/// the network image. It knows this machine as its router, as whoever wants in would.
/// </summary>
internal sealed class OutsideHost : IDisposable
{
    public const string Address = "198.51.100.2", ThisMachine = "198.51.100.1";

    private static string Programs { get; } = Path.Combine(TestEnvironment.Root, "out", "network-image", "tree");

    private readonly string _name = $"gy-out{Guid.NewGuid().ToString("N")[..6]}";

    public OutsideHost() => Command.Shell($"""
        set -e
        ip netns add {_name}
        ip link add {_name} type veth peer name eth0 netns {_name}
        ip addr add {ThisMachine}/24 dev {_name}
        ip link set {_name} up
        ip netns exec {_name} sh -c 'ip addr add {Address}/24 dev eth0; ip link set lo up; ip link set eth0 up; ip route add default via {ThisMachine}'
        """);

    /// <summary>Runs a program of the network image on it.</summary>
    public CommandResult Run(params string[] command) => Command.Run(["ip", "netns", "exec", _name, "chroot", Programs, .. command]);

    /// <summary>Runs a program of the network image on this machine.</summary>
    public static CommandResult RunHere(params string[] command) => Command.Run(["chroot", Programs, .. command]);

    public void Dispose() => Command.Shell($"ip netns delete {_name}; ip link delete {_name} 2>/dev/null || true");
}
