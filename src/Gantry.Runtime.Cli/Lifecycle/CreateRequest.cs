using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>What <c>create</c> and <c>run</c> are asked for.</summary>
internal sealed record CreateRequest
{
    internal static readonly OptionDefinition[] Options =
    [
        new("bundle", Short: "b"), new("console-socket"), new("pidfd-socket"), new("pid-file"), new("no-pivot", false),
        new("no-new-keyring", false), new("preserve-fds"),
    ];

    /// <summary>The container's ID.</summary>
    internal required string Id { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    internal required string Bundle { get; init; }

    /// <summary>The configuration as it was read.</summary>
    internal required byte[] Document { get; init; }

    /// <summary>The configuration.</summary>
    internal required RuntimeSpec Spec { get; init; }

    /// <summary>A file for the process's ID.</summary>
    internal string? PidFile { get; init; }

    /// <summary>A socket that is sent the master side of the terminal.</summary>
    internal string? ConsoleSocket { get; init; }

    /// <summary>Whether the root is moved instead of pivoted.</summary>
    internal bool NoPivot { get; init; }

    /// <summary>Whether the session keyring is shared.</summary>
    internal bool KeepKeyring { get; init; }

    /// <summary>How many descriptors from 3 on are passed on.</summary>
    internal int PreservedDescriptors { get; init; }

    /// <summary>Reads the bundle that the options name.</summary>
    /// <exception cref="GantryException">It is not a bundle, or an option is not supported.</exception>
    internal static CreateRequest From(CommandOptions options, string id)
    {
        if (options.Value("pidfd-socket") is not null)
            throw GantryException.NotImplemented("--pidfd-socket is not supported");
        var bundle = Path.GetFullPath(options.Value("bundle") ?? ".");
        if (!Directory.Exists(bundle))
            throw GantryException.Invalid($"chdir {bundle}: no such file or directory");
        var path = Path.Combine(bundle, "config.json");
        if (!File.Exists(path))
            throw GantryException.Invalid("JSON specification file config.json not found");
        var document = File.ReadAllBytes(path);
        return new CreateRequest
        {
            Id = id,
            Bundle = bundle,
            Document = document,
            Spec = StateFolder.ReadSpec(document),
            PidFile = options.Value("pid-file"),
            ConsoleSocket = options.Value("console-socket"),
            NoPivot = options.Has("no-pivot"),
            KeepKeyring = options.Has("no-new-keyring"),
            // As systemd's protocol has it: sockets it passes are the first descriptors behind the standard streams.
            PreservedDescriptors = options.Number("preserve-fds", 0) + ListenDescriptors(),
        };
    }

    private static int ListenDescriptors() => int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), out var count) && count > 0 ? count : 0;
}
