using System.Diagnostics;
using Gantry.Os.Processes;

namespace Gantry.Os.Tests.Processes;

public sealed class PidFdTests
{
    [Theory]
    [InlineData("exit 7", 7, 0)]
    [InlineData("kill -9 $$", 137, 9)]
    public void A_child_that_has_ended_tells_its_code_until_it_is_reaped(string script, int code, int signal)
    {
        using var child = Spawn(script);
        WaitFor(() => PidFd.PeekExitStatus(child) is not null);
        Assert.Equal(new ProcessExitStatus(code, signal), PidFd.PeekExitStatus(child));
        Assert.NotNull(PidFd.FindZombieChild());
        PidFd.Reap(child);
        Assert.Null(PidFd.PeekExitStatus(child));
    }

    [Fact]
    public void A_zombie_is_found_and_reaped_by_its_number()
    {
        using var child = Spawn("exit 0");
        WaitFor(() => PidFd.PeekExitStatus(child) is not null);
        // Other tests have children, too, which they reap: then it is the turn of this one.
        WaitFor(() =>
        {
            if (PidFd.FindZombieChild() is { } pid && IsChild(pid, child)) PidFd.Reap(pid);
            return PidFd.PeekExitStatus(child) is null;
        });
    }

    [Fact]
    public void A_child_that_runs_has_no_code()
    {
        using var child = Spawn("sleep 60");
        Assert.Null(PidFd.PeekExitStatus(child));
        PidFd.SendSignal(child, 9);
        WaitFor(() => PidFd.PeekExitStatus(child) is not null);
        PidFd.Reap(child);
    }

    private static bool IsChild(int pid, Fd pidFd) => File.ReadAllText($"/proc/self/fdinfo/{pidFd.Number}").Split('\n').Contains($"Pid:\t{pid}");

    private static void WaitFor(Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "it does not come");
            Thread.Sleep(1);
        }
    }

    private static Fd Spawn(string script)
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("exec /bin/sh", SystemCall.Execve, builder.Text("/bin/sh"), builder.Vector(["sh", "-c", script]), builder.Vector([]));
        var result = new ProcessSpawner().Spawn(builder.Build(), []);
        return result.PidFd ?? throw new InvalidOperationException("no child");
    }
}
