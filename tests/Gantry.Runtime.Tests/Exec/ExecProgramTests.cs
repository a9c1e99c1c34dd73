using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;
using Gantry.Runtime.Exec;
using Gantry.Runtime.Tests.Create;

namespace Gantry.Runtime.Tests.Exec;

public sealed class ExecProgramTests : IDisposable
{
    private const int SIGKILL = 9;

    private readonly TestContainer _container = new();
    private readonly ProcessSpawner _spawner = new();
    private readonly RuntimeSpec _spec;
    private readonly Fd _init;

    public ExecProgramTests()
    {
        _spec = _container.Spec("sleep", "600");
        using var launch = ContainerProgram.Compile(_spec, new ContainerResources());
        var result = _spawner.Spawn(launch.Program, launch.DescriptorNumbers);
        Assert.Equal(-1, result.FailedOperation);
        _init = result.PidFd!;
    }

    public void Dispose()
    {
        PidFd.SendSignal(_init, SIGKILL);
        ProcessExitStatus.Wait(_init);
        _init.Dispose();
        _container.Dispose();
    }

    [Fact]
    public void A_process_joins_all_namespaces()
    {
        var (own, _) = Run("sh", "-c", "for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done");
        var (ofInit, _) = Run("sh", "-c", "for n in pid net ipc uts mnt cgroup; do readlink /proc/1/ns/$n; done");
        Assert.Equal(ofInit, own);
        Assert.Equal(6, own.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(Path.GetFileName(new FileInfo("/proc/self/ns/pid").LinkTarget!), own, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exit_code_and_the_folder_are_its_own() => Assert.Equal(("/tmp\n", 5), Run(spec => spec with { Cwd = "/tmp" }, "sh", "-c", "pwd; exit 5"));

    [Fact]
    public void No_descriptor_leaks() => Assert.Equal(("0\n1\n2\n3\n", 0), Run("ls", "/proc/self/fd"));

    [Fact]
    public void A_working_directory_outside_is_refused() =>
        Assert.Contains("working directory", Assert.Throws<OsException>(() => Run(spec => spec with { Cwd = "/proc/self/fd/3" }, "pwd")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Equal("exec nothing: ENOENT (no such file or directory)", Assert.Throws<OsException>(() => Run("nothing")).Message);

    [Fact]
    public void The_processors_are_those_asked_for()
    {
        var affinity = new CpuAffinitySpec { Initial = "0-63", Final = "0" };
        Assert.Equal(("Cpus_allowed_list:\t0\n", 0), Run(spec => spec with { ExecCPUAffinity = affinity }, "grep", "Cpus_allowed_list", "/proc/self/status"));
        foreach (var wrong in new[] { "x", "3-1", "1,,2", "9999" })
            Assert.Throws<GantryException>(() => Run(spec => spec with { ExecCPUAffinity = new CpuAffinitySpec { Final = wrong } }, "true"));
    }

    private (string Output, int Code) Run(params string[] arguments) => Run(process => process, arguments);

    private (string Output, int Code) Run(Func<ProcessSpec, ProcessSpec> change, params string[] arguments)
    {
        var path = Path.Combine(_container.Folder, "exec-output");
        using var output = FileOpener.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate, 0x1a4);
        using var launch = ExecProgram.Compile(_spec, change(_spec.Process! with { Args = arguments }), new ExecResources
        {
            Init = _init,
            Streams = new ProcessStreams { Output = output, Error = output },
        });
        var result = _spawner.Spawn(launch.Program, launch.DescriptorNumbers);
        if (result.FailedOperation >= 0)
            throw result.ToException(launch.Program);
        using var pidFd = result.PidFd!;
        var code = ProcessExitStatus.Wait(pidFd).Code;
        return (File.ReadAllText(path), code);
    }
}
