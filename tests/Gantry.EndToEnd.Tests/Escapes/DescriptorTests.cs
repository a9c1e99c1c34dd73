using System.Globalization;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Runtime;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Ways out through what the engine has open. Whoever started it left it the host's root as descriptor 9.</summary>
[Trait("Only", "Gantry")]
public sealed class DescriptorTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Up = "../../../../../../../..";
    private readonly Canary _canary = new();

    private static IEnumerable<int> Numbers => Enumerable.Range(3, 14);

    public void Dispose() => _canary.Dispose();

    /// <summary>CVE-2024-21626, attack 1: the working directory of `run`, or of the image, is a directory that the runtime has open.</summary>
    [Theory]
    [InlineData("/proc/self/fd/{0}")]
    [InlineData("/proc/thread-self/fd/{0}/..")]
    public void Working_directory_through_a_descriptor(string form)
    {
        foreach (var number in Numbers)
            _canary.AssertSafe(
                engine.Docker.Run("run", "--rm", "-w", string.Format(CultureInfo.InvariantCulture, form, number), Engine.Image, "cat", Up + _canary.File));
    }

    [Fact]
    public void Working_directory_of_an_image_through_a_link_to_a_descriptor()
    {
        TestImage.Load(engine, "e2e-cwd:1", [TestImage.Link("out", "/proc/self/fd/9")], new JsonObject { ["WorkingDir"] = "/out" }).Succeeded();
        _canary.AssertSafe(engine.Docker.Run("run", "--rm", "e2e-cwd:1", "cat", Up + _canary.File));
    }

    /// <summary>CVE-2024-21626, attack 2: the working directory of `exec` is a link that the container has put there.</summary>
    [Fact]
    public void Working_directory_of_exec_through_a_link_to_a_descriptor()
    {
        var name = engine.RunShell("for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do ln -s /proc/self/fd/$n /out$n; done; exec sleep 600");
        engine.Docker.Run("exec", name, "sh", "-c", "while [ ! -L /out16 ]; do sleep 0.02; done").Succeeded();
        foreach (var number in Numbers)
        {
            _canary.AssertSafe(
                engine.Docker.Run("exec", "-w", $"/out{number}", name, "cat", Up + _canary.File),
                engine.Docker.Run("exec", "-w", $"/proc/self/fd/{number}", name, "cat", Up + _canary.File));
        }
    }

    /// <summary>CVE-2024-21626, attack 3: the program itself is looked up through a descriptor, while it is still open.</summary>
    [Fact]
    public void Program_through_a_descriptor()
    {
        var name = engine.RunShell("exec sleep 600");
        foreach (var number in Numbers)
        {
            var program = $"/proc/self/fd/{number}/{Up}{_canary.Program}";
            _canary.AssertSafe(
                engine.Docker.Run("run", "--rm", "--entrypoint", program, Engine.Image, "true").ExitsWithFailure(),
                engine.Docker.Run("exec", name, program, "true").ExitsWithFailure());
        }
    }

    [Fact]
    public void Runtime_working_directory_and_program_through_a_descriptor_of_its_caller()
    {
        using var bundle = new Bundle("true");
        foreach (var number in Numbers)
        {
            var place = $"/proc/self/fd/{number}";
            bundle.Change(spec => (spec["process"]!["cwd"], spec["process"]!["args"]) = (place, new JsonArray("/bin/cat", Up + _canary.File)));
            _canary.AssertSafe(RunWithRootOpen(bundle).ExitsWithFailure());
            bundle.Change(spec => (spec["process"]!["cwd"], spec["process"]!["args"]) = ("/", new JsonArray($"{place}/{Up}{_canary.Program}", "true")));
            _canary.AssertSafe(RunWithRootOpen(bundle).ExitsWithFailure());
        }
    }

    /// <summary>CVE-2016-9962: a process that is being put into a container is looked at from inside before it is confined.</summary>
    [Theory]
    [InlineData("exec")]
    [InlineData("run")]
    public void A_process_on_its_way_in_shows_nothing(string way)
    {
        var spy = engine.RunShell(Spy);
        string Ask(string file) => engine.Docker.Run("exec", spy, "cat", file).Output;
        for (var tries = 0; tries < 400 && Ask("/seen").Length < 10; tries++)
        {
            if (way == "exec") engine.Docker.Run("exec", spy, "true").Succeeded();
            else engine.Docker.Run("run", "--rm", "--network", "none", "--pid", "container:" + spy, Engine.Image, "true").Succeeded();
        }

        Assert.NotEqual("", Ask("/seen")); // It did meet one that was still the runtime.
        Assert.Equal("", Ask("/escaped"));
    }

    [Fact]
    public void A_process_that_waits_to_be_started_shows_nothing()
    {
        // 1. Who looks: a container of the runtime, in whose pid namespace another one is created and left waiting.
        using var spy = new Bundle("sh", "-c", Spy.Replace("/seen", "/tmp/seen", StringComparison.Ordinal)
            .Replace("/escaped", "/tmp/escaped", StringComparison.Ordinal));
        Directory.CreateDirectory(spy.SeenHere + "/rootfs/tmp");
        spy.Change(spec => spec["root"]!["readonly"] = false);
        var first = spy.NewId();
        spy.Create(first, spy.Path + "/output").Succeeded();
        spy.Runtime("start", first).Succeeded();

        // 2. Who is looked at.
        using var waiting = new Bundle("true");
        waiting.Change(spec =>
            spec["linux"]!["namespaces"]!.AsArray().First(entry => (string)entry!["type"]! == "pid")!["path"] = $"/proc/{spy.State(first)["pid"]}/ns/pid");
        waiting.Create(waiting.NewId(), waiting.Path + "/output").Succeeded();
        Eventually.True(() => File.Exists(spy.Path + "/rootfs/tmp/seen"), () => "the waiting process was not met");
        spy.Runtime("kill", first, "KILL").Succeeded();
        Assert.False(File.Exists(spy.Path + "/rootfs/tmp/escaped"), "what the spy found");
    }

    /// <summary>CVE-2020-15257: who shares the host's network sees its abstract sockets, and with them what served containers.</summary>
    [Fact]
    public void No_socket_of_the_engine_is_in_the_network_namespace()
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "-d", "--name", name, "--network", "host", Engine.Image, "sleep", "600").Succeeded();
        var names = engine.Docker.Run("exec", name, "cat", "/proc/net/unix").Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToLookup(words => words[6], words => words.ElementAtOrDefault(7) ?? "");
        var sockets = engine.Daemon.KeeperPids.Append(engine.Daemon.Pid).SelectMany(pid => Directory.EnumerateFiles($"/proc/{pid}/fd"))
            .Select(path => new FileInfo(path).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(target => target[8..^1]).Where(names.Contains).ToList();
        Assert.NotEmpty(sockets); // They are seen, but without a name that would lead to them: paths lead into the container's own root.
        Assert.All(sockets.SelectMany(inode => names[inode]), socket => Assert.False(socket.StartsWith('@'), socket));
        engine.Docker.Run("exec", name, "test", "-e", engine.Daemon.Run).ExitsWith(1);
    }

    /// <summary>
    /// Looks at every process that still has the name of the runtime or of its thread, without ever starting one of its own: what it has open and
    /// mapped, its memory, its root. All of it would lead to the host.
    /// </summary>
    private const string Spy = """
        is_runtime() { line=; read -r line <$p/comm; case $line in gantry-runtime|spawn) true;; *) false;; esac; }
        found() { if is_runtime; then echo $1 >>/escaped; fi; }
        while :; do
          for p in /proc/[0-9]*; do
            is_runtime || continue
            echo >>/seen
            for f in $p/fd/* $p/map_files/*; do if [ -e $f ]; then found $f; fi; done
            for f in mem environ maps auxv; do if true <$p/$f; then found $p/$f; fi; done
            if cd $p/root/; then found $p/root; cd /; fi
          done
        done 2>/dev/null
        """;

    private static CommandResult RunWithRootOpen(Bundle bundle) =>
        Command.Run(["sh", "-c", "exec \"$@\" 9</", "sh", TestEnvironment.GantryRuntime, "--root", bundle.Path + "/state", "run", "--bundle", bundle.Path,
            bundle.NewId()]);
}
