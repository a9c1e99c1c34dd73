using Microsoft.Extensions.Logging;

namespace Gantry.Engine;

/// <summary>All messages of the engine to the daemon's log.</summary>
internal sealed partial class EngineLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Error, "handle the exit of container {Id}")]
    public partial void ExitNotHandled(string id, Exception cause);

    [LoggerMessage(2, LogLevel.Error, "{What}")]
    public partial void BackgroundWorkFailed(string what, Exception cause);

    [LoggerMessage(3, LogLevel.Warning, "start container {Id} again")]
    public partial void RestartFailed(string id, Exception cause);

    [LoggerMessage(4, LogLevel.Warning, "clean up {What}, left by an earlier daemon")]
    public partial void LeftoverNotRemoved(string what, Exception cause);

    [LoggerMessage(6, LogLevel.Warning, "clean up storage in the background; the next start does it again")]
    public partial void StorageProblem(Exception cause);

    [LoggerMessage(7, LogLevel.Error, "free what container {Id}, which has ended, held")]
    public partial void NotFreed(string id, Exception cause);

    [LoggerMessage(8, LogLevel.Information, "another daemon uses {Root}: waiting for its end")]
    public partial void WaitsForOther(string root);

    [LoggerMessage(9, LogLevel.Warning, "write the state of container {Id}; it is tried again until it is written")]
    public partial void StateNotWritten(string id, Exception cause);

    [LoggerMessage(10, LogLevel.Warning, "take over the networks of container {Id}")]
    public partial void NetworkNotRestored(string id, Exception cause);

    [LoggerMessage(11, LogLevel.Warning, "make the network {Name} on this host; a container that starts on it tries again")]
    public partial void NetworkNotMade(string name, Exception cause);

    [LoggerMessage(12, LogLevel.Warning, "remove what the unused network {Name} has on this host")]
    public partial void NetworkNotReleased(string name, Exception cause);

    [LoggerMessage(16, LogLevel.Warning, "probe the health of container {Id}; it is not probed any more until its next start")]
    public partial void HealthNotProbed(string id, Exception cause);

    [LoggerMessage(17, LogLevel.Warning, "act upon container {Id} becoming unhealthy")]
    public partial void UnhealthyNotHandled(string id, Exception cause);

    [LoggerMessage(18, LogLevel.Warning, "ship the log of container {Id}; it is tried again until the receiver takes it")]
    public partial void LogNotShipped(string id, Exception cause);

    [LoggerMessage(21, LogLevel.Warning, "delete logs that are too old or too many; it is tried again")]
    public partial void LogsNotKept(Exception cause);

    [LoggerMessage(13, LogLevel.Error, "tell the net helper the names of container {Id}; it is told again when they change")]
    public partial void NamesNotTold(string id, Exception cause);

    [LoggerMessage(14, LogLevel.Warning, "the net helper, process {Pid}, died; another has taken over")]
    public partial void NetHelperDied(int pid, Exception? cause);

    [LoggerMessage(15, LogLevel.Warning, "find the net helper of an earlier daemon; containers ask it until they are started anew")]
    public partial void NetHelperNotFound(Exception cause);

    [LoggerMessage(19, LogLevel.Warning, "have connections to {Local} passed on to a container; the port is not reached by ::1 and over IPv6")]
    public partial void PortNotForwarded(string local, Exception cause);

    [LoggerMessage(20, LogLevel.Warning, "publish the ports of container {Id} again, after a change of its networks")]
    public partial void PortsNotMoved(string id, Exception cause);

    [LoggerMessage(21, LogLevel.Warning, "open the ports of linked containers")]
    public partial void LinksNotKept(Exception cause);

    [LoggerMessage(22, LogLevel.Warning, "run a hook of container {Id}")]
    public partial void HookFailed(string id, Exception cause);

    [LoggerMessage(5, LogLevel.Information, "found {Count} containers, {Running} of them running")]
    public partial void Reconciled(int count, int running);
}
