using Gantry.Oci;
using Gantry.Os;
using Gantry.Runtime.Hooks;

namespace Gantry.Engine.Containers;

/// <summary>Why a process could not be started, in the words that docker's clients look for.</summary>
/// <param name="ExitCode">127: no such program; 126: it cannot be executed; 128: anything else.</param>
/// <param name="Error">What the caller is told.</param>
internal sealed record StartFailure(int ExitCode, GantryException Error)
{
    private const string ExecStage = "exec ";
    private const string WorkingDirectoryStage = "enter the working directory ";
    private const string Create = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ";
    private const string Prefix = Create + "unable to start container process: error during container init: ";

    /// <summary>The failure of a container's start.</summary>
    public static StartFailure From(Container container, Exception cause) => cause switch
    {
        OsException os when os.Operation.StartsWith(ExecStage, StringComparison.Ordinal) => Exec(Prefix, container.Path, os),
        OsException os when os.Operation.StartsWith(WorkingDirectoryStage, StringComparison.Ordinal) => new(
            127, GantryException.Invalid(Prefix + WorkingDirectory(os), os)),
        HookException hook => new(128, new GantryException(ErrorKind.System, (hook.Hook == "poststart" ? Create : Prefix) + hook.Message, hook)),
        GantryException known => new(128, known),
        _ => new(128, new GantryException(ErrorKind.System, $"{Prefix}{cause.Message}", cause)),
    };

    /// <summary>The failure of an exec's start.</summary>
    public static StartFailure FromExec(string program, Exception cause)
    {
        const string Start = "OCI runtime exec failed: exec failed: unable to start container process: ";
        return cause switch
        {
            OsException os when os.Operation.StartsWith(ExecStage, StringComparison.Ordinal) => Exec(Start, program, os),
            OsException os when os.Operation.StartsWith(WorkingDirectoryStage, StringComparison.Ordinal) =>
                new(127, GantryException.Invalid(Start + WorkingDirectory(os), os)),
            GantryException known => new(126, known),
            _ => new(126, new GantryException(ErrorKind.System, Start + cause.Message, cause)),
        };
    }

    private static string WorkingDirectory(OsException cause) =>
        $"chdir to cwd (\"{cause.Operation[WorkingDirectoryStage.Length..]}\") set in config.json failed: {cause.Errno.Description}";

    private static StartFailure Exec(string prefix, string program, OsException cause)
    {
        var isPath = program.Contains('/');
        var (code, why) = cause.Errno switch
        {
            var e when e == Errno.ENOENT => (127, isPath ? $"stat {program}: no such file or directory" : "executable file not found in $PATH"),
            var e when e == Errno.EACCES => (126, "permission denied"),
            var e when e == Errno.ENOEXEC => (126, "exec format error"),
            _ => (126, cause.Errno.Description),
        };
        return new StartFailure(code, GantryException.Invalid($"{prefix}exec: \"{program}\": {why}", cause));
    }
}
