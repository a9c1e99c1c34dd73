using Gantry.Runtime.Cli.Keeper.Control;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The command <c>gantry-runtime keeper</c>.</summary>
internal static class KeeperCommand
{
    /// <summary>Runs the keeper until it has nothing to hold.</summary>
    /// <param name="arguments">What follows <c>keeper</c>.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> arguments) => ControlServerCommand.Run("keeper", arguments, static (socket, grace) =>
    {
        RuntimeCommandLine.ProtectProgram();
        using var keeper = KeeperServer.TryStart(socket, grace);
        // Another one serves the socket: whoever started this one finds it there.
        keeper?.Run();
    });
}
