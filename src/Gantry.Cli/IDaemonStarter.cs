namespace Gantry.Cli;

/// <summary>Starts the engine of the default address, for a user who did not.</summary>
public interface IDaemonStarter
{
    /// <summary>
    /// Starts the daemon unless somebody else does so at this moment, and returns when it answers on its socket. The daemon must not hold
    /// the standard streams of this process: a shell that reads them would wait for the daemon's end.
    /// </summary>
    /// <param name="socketPath">The socket it is to answer on.</param>
    /// <param name="cancellation">Ends the wait, not the daemon.</param>
    /// <returns>False when this user may not start one.</returns>
    /// <exception cref="Gantry.Oci.GantryException">It was started and does not answer; the message says where its log is.</exception>
    ValueTask<bool> StartAsync(string socketPath, CancellationToken cancellation);
}
