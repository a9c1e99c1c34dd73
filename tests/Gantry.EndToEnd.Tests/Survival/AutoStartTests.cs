using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>
/// Without a daemon on the default socket, gantry starts one by itself. The default folders are the machine's: the test hides them in a mount
/// namespace of its own.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class AutoStartTests
{
    [Fact]
    public void The_first_command_starts_a_daemon_and_returns_while_it_runs_on()
    {
        using var work = new WorkFolder();
        var script = $$"""
            set -e
            mkdir -p /var/lib/gantry /run/gantry
            mount --bind {{work.File("root")}} /var/lib/gantry
            mount --bind {{work.File("run")}} /run/gantry
            gantry={{TestEnvironment.Gantry}}
            answer=$($gantry load -q -i {{TestEnvironment.ImageArchive}})
            echo "load: $answer"
            echo "run: $($gantry run --rm {{Engine.Image}} echo hi)"
            echo "daemons: $($gantry version --format '{{"{{"}}.Server.Os{{"}}"}}')"
            for process in /proc/[0-9]*; do
              # The daemon of this namespace, and no other.
              [ "$(readlink $process/ns/mnt 2>/dev/null)" = "$(readlink /proc/self/ns/mnt)" ] || continue
              [ "$process" != "/proc/$$" ] || continue
              case "$(tr '\0' ' ' <$process/cmdline 2>/dev/null)" in *gantry*daemon*) kill -TERM "${process#/proc/}" ;; esac
            done
            """;
        Directory.CreateDirectory(work.File("root"));
        Directory.CreateDirectory(work.File("run"));
        var result = Command.Run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script]).Succeeded();
        Assert.Equal("load: Loaded image: gantry-e2e:latest\nrun: hi\ndaemons: linux\n", result.Output);
        Eventually.True(() => MachineState.MountsBelow(work.Path).Count == 0, () =>
            "the daemon or its keeper did not end: " + string.Join('\n', MachineState.MountsBelow(work.Path)));
    }
}
