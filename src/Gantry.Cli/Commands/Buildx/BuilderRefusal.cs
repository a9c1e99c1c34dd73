using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Commands of <c>buildx</c> for what Gantry does not do: each says why, and what there is instead.</summary>
internal sealed class BuilderRefusal(string reason) : Command
{
    private const string Desktop =
        "records of builds are exchanged with Docker Desktop, which Gantry does not know: see `buildx history inspect --format json` and `buildx history logs --progress rawjson`";
    private const string Policies =
        "policies for the sources of builds are not offered: sockets with policies (gantry daemon --socket ADDRESS,policy=...) say who may do what";

    public static IReadOnlyList<CommandEntry> Entries =>
    [
        Entry("buildx history export", "[OPTIONS] [REF...]", "Export build records into Docker Desktop bundle", Desktop, ["output"], ["all", "finalize"]),
        Entry("buildx history import", "[OPTIONS] -", "Import build records into Docker Desktop", Desktop, ["file"], []),
        Entry("buildx history open", "[REF]", "Open a build record in Docker Desktop", Desktop, [], []),
        Entry("buildx history trace", "[OPTIONS] [REF]", "Show the OpenTelemetry trace of a build record",
            "traces of builds are not kept: see `buildx history logs --progress rawjson` for the times of all steps", ["addr", "compare"], []),
        Entry("buildx debug build", "[OPTIONS] PATH | URL | -", "Start a build with a debugger", "say `build --debug`: a shell opens in a step that fails",
            ["invoke", "on"], []),
        Entry("buildx dap build", "[OPTIONS] PATH | URL | -", "Start a build under a debug adapter",
            "debug adapters (DAP) are not served: say `build --debug`, and a shell opens in a step that fails", [], []),
        Entry("buildx policy eval", "[OPTIONS] SOURCE", "Evaluate a policy", Policies, ["fields", "file", "platform"], ["print"]),
        Entry("buildx policy json-schema", "", "Print the schema of a policy's input", Policies, [], []),
        Entry("buildx policy test", "[OPTIONS] PATH", "Test policies", Policies, ["filename", "run"], []),
    ];

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) => throw new CommandException(reason);

    /// <summary>Flags of <c>build</c> and <c>bake</c> for the same.</summary>
    /// <exception cref="CommandException">One is given.</exception>
    public static void Check(params ReadOnlySpan<ListFlag<string>> given)
    {
        foreach (var flag in given)
        {
            if (flag.Values.Count == 0)
                continue;
            var instead = flag.Name == "policy" ? Policies : "say --memory, --cpu-quota or --cpuset-cpus for what steps may use of the machine";
            throw new CommandException($"--{flag.Name} {flag.Values[0]} is not offered: {instead}");
        }
    }

    private static CommandEntry Entry(string path, string usage, string summary, string reason, string[] texts, string[] switches) =>
        new([path], usage, summary, ArgumentCount.Any, flags =>
    {
        foreach (var name in texts)
            flags.List(name, "Not offered");
        foreach (var name in switches)
            flags.Bool(name, "Not offered");
        return new BuilderRefusal(reason);
    });
}
