using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Os.Terminals;
using Gantry.Runtime.Create;
using Gantry.Runtime.Exec;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Tests.Create;

/// <summary>Terminals belong to the container's own devpts, where its processes find them under their names.</summary>
public sealed class TerminalTests : IDisposable
{
    private const int SIGKILL = 9;

    private readonly TestContainer _container = new();
    private readonly ProcessSpawner _spawner = new();

    public void Dispose() => _container.Dispose();

    [Fact]
    public void The_first_process_has_the_first_terminal_and_an_exec_the_next_one()
    {
        // 1. The container's: what tells its name, which file it is, and that /dev/console is the same device.
        var spec = _container.Spec("sh", "-c",
            "tty; readlink /proc/self/fd/0; stat -c %t:%T /dev/console /dev/pts/0; stat -c %a:%g /dev/pts/0; ls /dev/pts; echo end; exec sleep 600");
        using var mount = ContainerTerminals.Mount(spec);
        var terminal = PseudoTerminal.Open(mount!);
        using var master = terminal.Master;
        SpawnResult first;
        using (terminal.Slave)
        using (var launch = ContainerProgram.Compile(
            spec, new ContainerResources { Streams = new ProcessStreams { Terminal = terminal.Slave }, TerminalMount = mount }))
            first = Spawn(launch);
        using var init = first.PidFd!;
        try
        {
            Assert.Equal("/dev/pts/0 /dev/pts/0 88:0 88:0 620:5 0 ptmx end", ReadTo(master, "end"));

            // 2. That of a process which comes later.
            using var root = FileOpener.Open($"/proc/{first.Pid}/root", OpenFlags.Path | OpenFlags.Directory);
            using var folder = ContainerTerminals.Open(root);
            var second = PseudoTerminal.Open(folder!);
            using var secondMaster = second.Master;
            Fd exec;
            using (second.Slave)
            using (var launch = ExecProgram.Compile(spec, spec.Process! with { Args = ["sh", "-c", "tty; echo end"] }, new ExecResources
            {
                Init = init,
                Root = root,
                Streams = new ProcessStreams { Terminal = second.Slave },
            }))
                exec = Spawn(launch).PidFd!;
            using var ended = exec;
            Assert.Equal("/dev/pts/1 end", ReadTo(secondMaster, "end"));
            ProcessExitStatus.Wait(exec);
        }
        finally
        {
            PidFd.SendSignal(init, SIGKILL);
            ProcessExitStatus.Wait(init);
        }
    }

    [Fact]
    public void A_folder_that_is_no_devpts_is_not_used()
    {
        Directory.CreateDirectory(Path.Combine(_container.Root, "dev/pts"));
        File.WriteAllText(Path.Combine(_container.Root, "dev/pts/ptmx"), "");
        using var root = FileOpener.Open(_container.Root, OpenFlags.Path | OpenFlags.Directory);
        Assert.Null(ContainerTerminals.Open(root));
    }

    private SpawnResult Spawn(ContainerLaunch launch)
    {
        var result = _spawner.Spawn(launch.Program, launch.DescriptorNumbers);
        return result.FailedOperation < 0 ? result : throw result.ToException(launch.Program);
    }

    private static string ReadTo(Fd master, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (!text.ToString().TrimEnd().EndsWith(end, StringComparison.Ordinal))
            text.Append(Encoding.UTF8.GetString(buffer, 0, FileData.Read(master, buffer)));
        return string.Join(' ', text.ToString().Split(["\r\n", " "], StringSplitOptions.RemoveEmptyEntries));
    }
}
