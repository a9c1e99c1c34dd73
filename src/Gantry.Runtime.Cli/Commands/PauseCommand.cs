using Gantry.Oci;
using Gantry.Runtime.Cli.CommandLine;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>pause</c> and <c>resume</c>: the freezer of the container's cgroup.</summary>
internal static class PauseCommand
{
    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words, bool freeze)
    {
        var options = CommandOptions.Parse(words, []);
        options.Require(freeze ? "pause" : "resume", 1, 1);
        var record = global.State.Load(options.Arguments[0]);
        var (status, _) = global.Status(record);
        var cgroup = global.FindCgroup(record) ?? throw GantryException.Conflict("the container has no cgroup");
        if (freeze)
        {
            if (status is not ("running" or "created"))
                throw GantryException.Conflict("container not running");
            cgroup.Freeze();
        }
        else
        {
            if (status != "paused")
                throw GantryException.Conflict("container not paused");
            cgroup.Thaw();
        }
        return 0;
    }
}
