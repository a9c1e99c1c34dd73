using Gantry.Cli.Session;

namespace Gantry.Cli;

/// <summary>What surrounds the command line: everything it reads or changes besides the daemon.</summary>
public sealed record CliContext
{
    /// <summary>The name the program was called by, without folders: <c>gantry</c>, or <c>docker</c> through a link.</summary>
    public string ProgramName { get; init; } = "gantry";

    /// <summary>Standard input.</summary>
    public required Stream Input { get; init; }

    /// <summary>Standard output.</summary>
    public required Stream Output { get; init; }

    /// <summary>Standard error.</summary>
    public required Stream Error { get; init; }

    /// <summary>The user's terminal.</summary>
    public required IUserTerminal Terminal { get; init; }

    /// <summary>Looks an environment variable up.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Starts a daemon when none answers at the default address, or null: then that is an error.</summary>
    public IDaemonStarter? DaemonStarter { get; init; }

    /// <summary>Commands that the program has besides those of this library (<c>daemon</c>): their name and summary, for the help.</summary>
    public IReadOnlyList<(string Name, string Summary)> FurtherCommands { get; init; } = [];

    /// <summary>The context of a process that was started from a shell: its own descriptors and terminal.</summary>
    /// <param name="programName">The last part of <c>argv[0]</c>.</param>
    public static CliContext OfProcess(string programName) => new()
    {
        ProgramName = programName,
        Input = new Os.Files.DescriptorStream(0),
        Output = new Os.Files.DescriptorStream(1),
        Error = new Os.Files.DescriptorStream(2),
        Terminal = new ProcessTerminal(),
    };
}
