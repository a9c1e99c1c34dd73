using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The command <c>gantry-runtime keeper --socket PATH [--grace SECONDS]</c>.</summary>
internal static class KeeperCommand
{
    private const int DefaultGraceSeconds = 10;

    /// <summary>Runs the keeper until it has nothing to hold.</summary>
    /// <param name="arguments">What follows <c>keeper</c>.</param>
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

        RuntimeCommandLine.ProtectProgram();
        // About seven for each container.
        OpenFileLimit.Raise();
        using var messages = new StreamWriter(new KeeperLogStream(Console.OpenStandardError())) { AutoFlush = true };
        Console.SetError(messages);

        // Handled, not ignored: ignored signals stay so across execve. A service manager that stops everything must not take the output of
        // containers away; they end when they are told to.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Survive);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Survive);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Survive);
        using var keeper = KeeperServer.TryStart(socket, grace);
        // Another one serves the socket: whoever started this one finds it there.
        keeper?.Run();
        return 0;
    }

    private static void Survive(PosixSignalContext signal) => signal.Cancel = true;

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine($"gantry-runtime keeper: {reason}\nUsage: gantry-runtime keeper --socket PATH [--grace SECONDS]");
        return 1;
    }
}
