using Gantry.Cli.Session;

namespace Gantry.Cli.Commands;

/// <summary>The same call for several objects, beside each other; results are printed in the order of the arguments.</summary>
internal static class Targets
{
    private const int MostAtOnce = 50;

    /// <summary>Calls for each name and prints the name when that went well.</summary>
    /// <returns>The exit code: 1 when any call failed; the failures were printed.</returns>
    public static Task<int> ForEachAsync(CommandSession session, IReadOnlyList<string> names, Func<string, Task> call) =>
        ForEachAsync(session, names, async name =>
        {
            await call(name).ConfigureAwait(false);
            return name;
        });

    /// <summary>Calls for each name and prints what the call hands back, if it is not empty.</summary>
    public static async Task<int> ForEachAsync(CommandSession session, IReadOnlyList<string> names, Func<string, Task<string>> call)
    {
        // One call, as most commands make, needs no list, and no thread.
        if (names.Count == 1)
            return await TryPrintAsync(session, call(names[0])).ConfigureAwait(false) ? 0 : 1;
        var failed = false;
        for (var start = 0; start < names.Count; start += MostAtOnce)
        {
            var batch = names.Skip(start).Take(MostAtOnce).Select(name => Start(call, name)).ToArray();
            foreach (var running in batch)
                failed |= !await TryPrintAsync(session, running).ConfigureAwait(false);
        }
        return failed ? 1 : 0;
    }

    // Calls block their thread, so each gets one of its own.
    private static Task<string> Start(Func<string, Task<string>> call, string name) =>
        Task.Factory.StartNew(() => call(name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static async Task<bool> TryPrintAsync(CommandSession session, Task<string> running)
    {
        try
        {
            var line = await running.ConfigureAwait(false);
            if (line.Length > 0)
            {
                session.Print(line);
                session.Out.Flush();
            }
            return true;
        }
        catch (Exception error) when (error is not Gantry.Os.OsException && CommandLine.Describe(error, session) is { } message)
        {
            session.PrintError(message);
            return false;
        }
    }
}
