using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Runtime;

namespace Gantry.EndToEnd.Tests.Security;

/// <summary>
/// CVE-2019-5736: a container has the runtime's own program executed inside, by an executable that is a script for /proc/self/exe,
/// keeps a descriptor of it, and writes to the file when nobody executes it any more (until then the answer is ETXTBSY).
/// </summary>
[Trait("Only", "Gantry")] // It looks at what Gantry does about it.
public sealed class HostProgramTests : IDisposable
{
    // The program blocks inside, opening its log, a FIFO. So there is time to find it, and it goes on when it is told to.
    private const string Trap = "#!/proc/self/exe --log=/fifo\n";

    // Loops until a process shows another program than the container's own; then opens that, lets it end, and writes to it.
    private const string Helper = """
        mkfifo /fifo
        echo ready >/progress
        while :; do
          for process in /proc/[0-9]*; do
            case $(readlink $process/exe) in /bin/*|'') continue;; esac
            exec 9<$process/exe || continue
            cat /fifo >/dev/null
            while [ -e $process/exe ] && [ "$(readlink $process/exe)" != '' ]; do sleep 0.02; done
            sh -c 'echo overwritten >/proc/self/fd/9' 2>/result.new
            mount -o remount,bind,rw /proc/self/fd/9 2>/dev/null
            sh -c 'echo overwritten >/proc/self/fd/9' 2>>/result.new
            echo end >>/result.new
            mv /result.new /result
            exec sleep 600
          done
        done
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-program-").FullName;
    private readonly string _program;

    public HostProgramTests()
    {
        // A copy: nobody else executes it, so it can be written to as soon as the attack comes that far.
        _program = Path.Combine(_folder, "gantry-runtime");
        File.Copy(TestEnvironment.GantryRuntime, _program);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_cannot_be_overwritten_by_what_an_exec_executes() => Attack([]);

    [Fact]
    public void It_cannot_be_overwritten_with_all_capabilities() => Attack(["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]);

    [Fact]
    public void The_program_of_the_process_that_clones_is_read_only()
    {
        using var keeper = Command.Start([_program, "keeper", "--socket", Path.Combine(_folder, "keeper.sock"), "--grace", "60"]);
        Eventually.Equal(true, () => File.Exists(Path.Combine(_folder, "keeper.sock")));
        using var program = File.OpenRead($"/proc/{keeper.Pid}/exe");
        keeper.Signal("KILL");
        keeper.Wait();
        var failure = Assert.ThrowsAny<IOException>(() => File.OpenWrite($"/proc/self/fd/{program.SafeFileHandle.DangerousGetHandle()}"));
        Assert.Contains("Read-only file system", failure.Message, StringComparison.Ordinal);
    }

    private void Attack(string[] capabilities)
    {
        var before = SHA256.HashData(File.ReadAllBytes(_program));
        using var bundle = new Bundle("sh", "-c", Helper);
        PutLibraries(bundle.SeenHere + "/rootfs");
        File.WriteAllText(bundle.SeenHere + "/rootfs/trap", Trap);
        File.SetUnixFileMode(bundle.SeenHere + "/rootfs/trap", (UnixFileMode)0b111_101_101);
        bundle.Change(spec =>
        {
            spec["root"]!["readonly"] = false;
            foreach (var set in capabilities.Length == 0 ? [] : new[] { "bounding", "effective", "permitted" })
                spec["process"]!["capabilities"]![set] = new JsonArray([.. capabilities.Select(name => JsonValue.Create(name))]);
        });
        var id = bundle.NewId();
        bundle.Create(id, bundle.SeenHere + "/output").Succeeded();
        bundle.Runtime("start", id).Succeeded();
        Eventually.Equal(true, () => File.Exists(bundle.SeenHere + "/rootfs/progress"));

        // The way that the attack waits for: somebody executes something in the container.
        var exec = Command.Run([_program, "--root", bundle.Path + "/state", "exec", id, "/trap"]);
        Assert.Equal(3, exec.ExitCode); // The program did run inside: its answer to a command which it does not know.
        Eventually.True(() => File.Exists(bundle.SeenHere + "/rootfs/result"), () => File.ReadAllText(bundle.SeenHere + "/output"));
        Assert.Equal(2, File.ReadAllText(bundle.SeenHere + "/rootfs/result").Split("Read-only file system").Length - 1);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(_program)));
    }

    /// <summary>What the program is linked with; an attacker's own library would be as good.</summary>
    private void PutLibraries(string root) =>
        Command.Shell(
            $"ldd '{_program}' | grep -o '/[^ ]*' | while read -r library; do mkdir -p '{root}'$(dirname $library); cp -L $library '{root}'$library; done");
}
