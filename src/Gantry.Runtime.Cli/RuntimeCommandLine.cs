using System.Runtime.CompilerServices;
using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Commands;

namespace Gantry.Runtime.Cli;

/// <summary>The command line of an OCI runtime: runc's commands, options, texts and exit codes.</summary>
internal static class RuntimeCommandLine
{
    private static readonly string[] ClonesForContainers = ["create", "run", "start", "exec"];

    private const int Failure = 1, UnknownCommand = 3, ExecFailure = 255;

    /// <summary>Runs a command line.</summary>
    /// <param name="words">The program's arguments.</param>
    /// <returns>The exit code.</returns>
    internal static int Run(ReadOnlySpan<string> words)
    {
        var log = RuntimeLog.StandardError;
        var command = "";
        try
        {
            // 1. What stands before the command.
            var options = CommandOptions.Parse(words, GlobalOptions.Definitions);
            if (options.Has("version"))
                return Print($"gantry-runtime version {RuntimeVersion.Program}\nspec: {RuntimeVersion.Specification}\n");
            if (options.Has("help") || options.Arguments.Count == 0 || options.Arguments[0] is "help" or "h")
                return Print(HelpText.General);
            log = RuntimeLog.From(options);
            var global = GlobalOptions.From(options);

            // 2. The command, with what follows it.
            command = options.Arguments[0];
            var rest = words[(words.Length - options.Arguments.Count + 1)..];
            if (rest is ["--help" or "-h", ..])
                return Print(HelpText.Of(command) ?? HelpText.General);
            if (ClonesForContainers.Contains(command))
                ProtectProgram();
            log.Debug($"{command} begins as process {Environment.ProcessId}");
            var code = Dispatch(command, global, rest);
            log.Debug($"{command} ends with exit code {code ?? UnknownCommand}");
            return code ?? Fail(log, $"No help topic for '{command}'\n", UnknownCommand);
        }
        catch (UsageException error)
        {
            StandardStreams.Write(2, $"Incorrect Usage: {error.Message}\n\n{HelpText.Of(command) ?? HelpText.General}");
            return Failure;
        }
        catch (Exception error) when (error is GantryException or IOException or UnauthorizedAccessException)
        {
            return command switch
            {
                "exec" => Fail(log, $"exec failed: {error.Message}", ExecFailure),
                "run" or "create" => Fail(log, $"gantry-runtime {command} failed: {error.Message}", Failure),
                _ => Fail(log, error.Message, Failure),
            };
        }
    }

    /// <summary>
    /// Has this process, which will clone one for a container, executed from a read-only mount. Not under a just-in-time compiler: its
    /// program has other files beside it, which it would not find.
    /// </summary>
    internal static void ProtectProgram()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            OwnProgram.Protect();
    }

    private static int? Dispatch(string command, GlobalOptions global, ReadOnlySpan<string> words) => command switch
    {
        "create" => CreateCommand.Run(global, words),
        "run" => RunCommand.Run(global, words),
        "start" => StartCommand.Run(global, words),
        "state" => StateCommand.Run(global, words),
        "kill" => KillCommand.Run(global, words),
        "delete" => DeleteCommand.Run(global, words),
        "exec" => ExecCommand.Run(global, words),
        "list" => ListCommand.Run(global, words),
        "ps" => PsCommand.Run(global, words),
        "spec" => SpecCommand.Run(words),
        "features" => FeaturesCommand.Run(words),
        "pause" => PauseCommand.Run(global, words, freeze: true),
        "resume" => PauseCommand.Run(global, words, freeze: false),
        _ => null,
    };

    private static int Print(string text)
    {
        StandardStreams.Write(1, text);
        return 0;
    }

    private static int Fail(RuntimeLog log, string message, int code)
    {
        log.Error(message);
        return code;
    }
}
