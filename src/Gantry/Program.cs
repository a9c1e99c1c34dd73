using Gantry.Cli;
using Gantry.Os.Starting;

namespace Gantry;

/// <summary>
/// The executable <c>gantry</c>: command line and daemon in one, told apart by the first argument or, through a link, by the name it was
/// called by (<c>docker</c>, <c>docker-compose</c>, <c>dockerd</c>).
/// </summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        StaticBases.Complete();
        var name = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
        if (name is "dockerd")
            return DaemonCommand.RunAsync(arguments);
        if (arguments is ["daemon", .. var rest])
            return DaemonCommand.RunAsync(rest);
        return RunCommandAsync(name, arguments);
    }

    private static Task<int> RunCommandAsync(string name, string[] arguments)
    {
        if (name is "docker-compose")
            arguments = ["compose", .. arguments];
        var context = CliContext.OfProcess(name) with
        {
            DaemonStarter = new DaemonStarter(),
            FurtherCommands = [("daemon", "Run the engine")],
        };
        return CommandLine.RunAsync(arguments, context);
    }
}
