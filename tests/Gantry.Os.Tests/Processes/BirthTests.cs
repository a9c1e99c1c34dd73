using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gantry.Os.Pipes;
using Gantry.Os.Files;
using Gantry.Os.Processes;

namespace Gantry.Os.Tests.Processes;

/// <summary>Processes that are born into a pid namespace of others: what they have of this one.</summary>
public sealed class BirthTests
{
    private const long CLONE_NEWPID = 0x20000000;

    private readonly ProcessSpawner _spawner = new();

    [Fact]
    public void The_process_is_a_child_of_this_one_and_executes_its_file()
    {
        var result = _spawner.Spawn(Program("/bin/sh", "exit 7", isHeld: false), []);
        Assert.Equal(-1, result.FailedOperation);
        using var pidFd = result.PidFd!;
        Assert.Equal(7, ProcessExitStatus.Wait(pidFd).Code);
    }

    [Theory]
    [InlineData("/nowhere", 4)]
    [InlineData(null, 0)]
    public void A_failure_before_and_after_the_birth_names_its_stage(string? file, int operation)
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("first", SystemCall.Chdir, builder.Text(file is null ? "/nowhere" : "/"));
        Join(builder);
        builder.GiveBirth(isHeld: false);
        builder.Call("last", SystemCall.Execve, builder.Text(file ?? "/bin/true"), builder.Vector(["true"]), builder.Vector([]));
        var result = _spawner.Spawn(builder.Build(), []);
        Assert.Equal((operation, Errno.ENOENT), (result.FailedOperation, result.Error));
    }

    [Fact]
    public void Nothing_of_this_process_is_in_its_memory()
    {
        // 1. A secret that this process has, and a process that waits where a tracer would stop it.
        var secret = Encoding.ASCII.GetBytes("secret-" + Guid.NewGuid().ToString("N"));
        var place = Marshal.AllocHGlobal(secret.Length);
        Marshal.Copy(secret, 0, place, secret.Length);
        Assert.True(Contains(Environment.ProcessId, secret));
        var arrived = Pipe.Create();
        var go = Pipe.Create();
        var builder = new ProcessProgramBuilder();
        Join(builder);
        builder.GiveBirth(isHeld: true);
        builder.Call("arrive", SystemCall.Write, new ProgramDescriptor(0), builder.Text("0"), 1);
        builder.Call("wait", SystemCall.Read, new ProgramDescriptor(1), builder.Reserve(8), 1);
        builder.Call("exec", SystemCall.Execve, builder.Text("/bin/true"), builder.Vector(["true"]), builder.Vector([]));
        var held = _spawner.SpawnHeld(builder.Build(), [arrived.Writer.Number, go.Reader.Number]);
        Span<byte> one = stackalloc byte[1];
        Assert.Equal(1, FileData.Read(arrived.Reader, one));

        // 2. What is in it.
        Assert.False(Contains(held.Pid, secret));
        Assert.InRange(Ranges(held.Pid).Sum(range => range.End - range.Start), 4096, 256 * 1024);
        Assert.Equal("", File.ReadAllText($"/proc/{held.Pid}/environ"));

        // 3. What it writes into its report is not believed: it counts as failed, and is ended.
        using (var memory = File.OpenHandle($"/proc/{held.Pid}/mem", FileMode.Open, FileAccess.ReadWrite))
        {
            var shared = Ranges(held.Pid).Single(range => range.IsShared);
            RandomAccess.Write(memory, Enumerable.Repeat((byte)0xcc, 4096).ToArray(), shared.Start);
        }
        var result = held.Conclude();
        Assert.Null(result.PidFd);
        Assert.InRange(result.FailedOperation, 0, 4);
        Assert.False(Directory.Exists($"/proc/{held.Pid}"));
        foreach (var end in (Fd[])[arrived.Reader, arrived.Writer, go.Reader, go.Writer])
            end.Dispose();
        Marshal.FreeHGlobal(place);
    }

    private static ProcessProgram Program(string file, string script, bool isHeld)
    {
        var builder = new ProcessProgramBuilder();
        Join(builder);
        builder.GiveBirth(isHeld);
        builder.Call("exec", SystemCall.Execve, builder.Text(file), builder.Vector(["sh", "-c", script]), builder.Vector([]));
        return builder.Build();
    }

    /// <summary>This process's own pid namespace is as good as another one.</summary>
    private static void Join(ProcessProgramBuilder builder)
    {
        builder.Call("open the namespace", SystemCall.Openat, -100, builder.Text("/proc/self/ns/pid"), 0x80000, 0).Into(new ProgramSlot(0));
        builder.Call("join the namespace", SystemCall.Setns, new ProgramSlot(0), CLONE_NEWPID);
    }

    private static bool Contains(int pid, byte[] secret)
    {
        using var memory = File.OpenHandle($"/proc/{pid}/mem");
        foreach (var (start, end, _) in Ranges(pid).Where(range => range.End - range.Start < 1 << 28))
        {
            var content = new byte[end - start];
            try
            {
                RandomAccess.Read(memory, content, start);
            }
            catch (IOException)
            {
                continue; // A guard page.
            }
            if (content.AsSpan().IndexOf(secret) >= 0)
                return true;
        }
        return false;
    }

    /// <summary>What can be read. Shared is what no file is behind: a just-in-time compiler maps one twice, and that may lie beside the method.</summary>
    private static List<(long Start, long End, bool IsShared)> Ranges(int pid) =>
    [
        .. from line in File.ReadAllLines($"/proc/{pid}/maps")
           let words = line.Split(' ')
           where words[1][0] == 'r'
           let range = words[0].Split('-')
           where range[1].Length < 16
           select (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
               long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
               words[1] == "rw-s" && line.EndsWith(" /dev/zero (deleted)", StringComparison.Ordinal)),
    ];
}
