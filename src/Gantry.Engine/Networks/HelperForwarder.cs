using System.Net;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Runtime.NetHelper;

namespace Gantry.Engine.Networks;

/// <summary>Has the net helper pass on what comes to published ports that the kernel cannot translate.</summary>
/// <param name="helper">The process.</param>
/// <param name="log">Told of failures.</param>
internal sealed class HelperForwarder(NetHelper helper, EngineLog log) : IPortForwarder
{
    public IReadOnlyList<string> Keys => helper.Held;

    public void Begin(string key, Fd socket, bool isTcp, IPEndPoint local, IPEndPoint target) =>
        _ = AttemptAsync(local, () => helper.ForwardAsync(key, socket, new PortForward(local, target, isTcp), CancellationToken.None));

    public Task EndAsync(string key) => AttemptAsync(null, () => helper.ReleaseAsync(key, CancellationToken.None));

    private async Task AttemptAsync(IPEndPoint? local, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (GantryException e) when (e.Kind == ErrorKind.Conflict)
        {
            // It was ended before the helper knew of it.
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            log.PortNotForwarded(local?.ToString() ?? "a port that is no longer published", e);
        }
    }
}
