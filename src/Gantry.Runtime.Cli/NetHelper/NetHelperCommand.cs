using Gantry.Runtime.Cli.Keeper.Control;

namespace Gantry.Runtime.Cli.NetHelper;

/// <summary>The command <c>gantry-runtime nethelper</c>.</summary>
internal static class NetHelperCommand
{
    /// <summary>Runs the helper until it has nothing to do.</summary>
    /// <param name="arguments">What follows <c>nethelper</c>.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> arguments) => ControlServerCommand.Run("nethelper", arguments, static (socket, grace) =>
    {
        using var server = NetHelperServer.TryStart(socket, grace);
        // Another one serves the socket: whoever started this one finds it there.
        server?.Run();
    });
}
