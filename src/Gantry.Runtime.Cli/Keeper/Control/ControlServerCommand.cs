using System.Globalization;
using System.Runtime.InteropServices;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cli.Keeper.Control;

/// <summary>A command <c>gantry-runtime NAME --socket PATH [--grace SECONDS]</c>, which serves daemons until it has nothing to do.</summary>
internal static class ControlServerCommand
{
    private const int DefaultGraceSeconds = 10;

    /// <summary>Runs it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">What follows the name.</param>
    /// <param name="serve">Serves the socket, with that grace, to the end.</param>
    /// <returns>The exit code: 0; 1 when the arguments are wrong.</returns>
    public static int Run(string name, ReadOnlySpan<string> arguments, Action<string, TimeSpan> serve)
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
                return Refuse(name, $"unknown or incomplete: {arguments[i]}");
        }
        if (string.IsNullOrEmpty(socket))
            return Refuse(name, "--socket is missing");

        using var messages = new StreamWriter(new KeeperLogStream(Console.OpenStandardError())) { AutoFlush = true };
        Console.SetError(messages);
        // A container takes seven in the keeper and three in the net helper, a question that is asked of others one.
        OpenFileLimit.Raise();
        // Handled, not ignored: ignored signals stay so across execve. A service manager that stops everything must not take the output and the names
        // of containers away; they end when they are told to.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Survive);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Survive);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Survive);
        serve(socket, grace);
        return 0;
    }

    private static void Survive(PosixSignalContext signal) => signal.Cancel = true;

    private static int Refuse(string name, string reason)
    {
        Console.Error.WriteLine($"gantry-runtime {name}: {reason}\nUsage: gantry-runtime {name} --socket PATH [--grace SECONDS]");
        return 1;
    }
}
