using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.Keeper;

namespace Gantry.Runtime.Cli.NetHelper;

/// <summary>The command <c>gantry-runtime nethelper --socket PATH [--grace SECONDS]</c>.</summary>
internal static class NetHelperCommand
{
    private const int DefaultGraceSeconds = 10;

    /// <summary>Runs the helper until it has nothing to do.</summary>
    /// <param name="arguments">What follows <c>nethelper</c>.</param>
    /// <returns>The exit code: 0; 1 when the arguments are wrong.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        string? socket = null;
        var grace = TimeSpan.FromSeconds(DefaultGraceSeconds);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 < arguments.Length && arguments[i] == "--socket")
                socket = arguments[i + 1];
            else if (i + 1 < arguments.Length && arguments[i] == "--grace"
                && uint.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86400)
                grace = TimeSpan.FromSeconds(seconds);
            else
                return Refuse($"unknown or incomplete: {arguments[i]}");
        }
        if (string.IsNullOrEmpty(socket))
            return Refuse("--socket is missing");

        using var messages = new StreamWriter(new KeeperLogStream(Console.OpenStandardError())) { AutoFlush = true };
        Console.SetError(messages);
        // Three for each container, and one for each question that is asked of others.
        OpenFileLimit.Raise();
        // As the keeper: a service manager that stops the daemon must not leave containers without names.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Survive);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Survive);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Survive);
        using var server = NetHelperServer.TryStart(socket, grace);
        // Another one serves the socket: whoever started this one finds it there.
        server?.Run();
        return 0;
    }

    private static void Survive(PosixSignalContext signal) => signal.Cancel = true;

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine($"gantry-runtime nethelper: {reason}\nUsage: gantry-runtime nethelper --socket PATH [--grace SECONDS]");
        return 1;
    }
}
