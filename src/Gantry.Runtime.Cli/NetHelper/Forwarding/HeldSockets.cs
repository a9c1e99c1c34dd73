using Gantry.Os;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.NetHelper.Forwarding;

/// <summary>Sockets that are kept open, and, if they are to be forwarded, whoever does that.</summary>
internal sealed class HeldSockets : IDisposable
{
    private readonly IDisposable? _forwarder;

    public HeldSockets(EventLoop loop, IReadOnlyList<Fd> sockets, PortForward? forward)
    {
        (Sockets, Forward) = (sockets, forward);
        if (forward is not null)
            _forwarder = forward.IsTcp ? new StreamForwarder(loop, sockets[0], forward.Target) : new DatagramForwarder(loop, sockets[0], forward.Target);
    }

    /// <summary>The sockets; closed with this object.</summary>
    public IReadOnlyList<Fd> Sockets { get; }

    /// <summary>Where what comes is passed on; null: nothing comes.</summary>
    public PortForward? Forward { get; }

    public void Dispose()
    {
        _forwarder?.Dispose();
        foreach (var socket in Sockets)
            socket.Dispose();
    }
}
