using System.Buffers;
using Gantry.Os.Processes;

namespace Gantry.Os.Tests.Processes;

public sealed class ProcessSpawnerTests
{
    private const long AT_FDCWD = -100;
    private const ulong NewNamespaces = 0x20000 | 0x4000000 | 0x8000000 | 0x20000000; // mount, uts, ipc, pid

    private readonly ProcessSpawner _spawner = new();

    [Fact]
    public void A_program_ends_in_the_file_it_executes()
    {
        var builder = new ProcessProgramBuilder();
        Execute(builder, "/bin/sh", "-c", "exit 7");
        var result = _spawner.Spawn(builder.Build(), []);
        Assert.Equal(-1, result.FailedOperation);
        Assert.Equal(7, WaitForExit(result));
    }

    [Fact]
    public void A_failure_names_its_stage_and_errno()
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("enter /nowhere", SystemCall.Chdir, builder.Text("/nowhere"));
        Execute(builder, "/bin/true");
        var program = builder.Build();
        var result = _spawner.Spawn(program, []);
        Assert.Equal(0, result.FailedOperation);
        Assert.Null(result.PidFd);
        Assert.Equal("enter /nowhere: ENOENT (no such file or directory)", result.ToException(program).Message);
    }

    [Fact]
    public void A_tolerated_error_goes_on_and_others_do_not()
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("first", SystemCall.Chdir, builder.Text("/nowhere")).Tolerate(Errno.EACCES, Errno.ENOENT);
        builder.Call("second", SystemCall.Chdir, builder.Text("/nowhere")).TolerateAll();
        builder.Call("third", SystemCall.Chdir, builder.Text("/nowhere")).Tolerate(Errno.EACCES);
        Execute(builder, "/bin/true");
        Assert.Equal(2, _spawner.Spawn(builder.Build(), []).FailedOperation);
    }

    [Fact]
    public void A_result_in_a_slot_is_an_argument_of_later_operations()
    {
        using var folder = new TemporaryFolder();
        var builder = new ProcessProgramBuilder();
        var slot = new ProgramSlot(14);
        builder.Call("open", SystemCall.Openat, AT_FDCWD, builder.Text(folder.Path + "/f"), 0x41, 0x1a4).Into(slot);
        builder.Call("write", SystemCall.Write, slot, builder.Bytes("hello"u8), 5);
        Execute(builder, "/bin/true");
        Assert.Equal(0, WaitForExit(_spawner.Spawn(builder.Build(), [])));
        Assert.Equal("hello", File.ReadAllText(folder.Path + "/f"));
    }

    [Fact]
    public void Labels_leave_out_what_lies_before_them()
    {
        var builder = new ProcessProgramBuilder();
        var afterSuccess = builder.NewLabel();
        var afterError = builder.NewLabel();
        var end = builder.NewLabel();
        builder.Call("succeeds", SystemCall.Getpid).OnSuccess(afterSuccess);
        builder.Fail("left out", Errno.EIO);
        builder.Place(afterSuccess);
        builder.Call("fails", SystemCall.Close, -1).Tolerate(Errno.EBADF).OnTolerated(afterError);
        builder.Fail("left out too", Errno.EIO);
        builder.Place(afterError);
        builder.Jump(end);
        builder.Fail("and this", Errno.EIO);
        builder.Place(end);
        Execute(builder, "/bin/true");
        Assert.Equal(-1, WaitOrFail(builder));
    }

    [Fact]
    public void A_check_compares_masked_bytes()
    {
        var builder = new ProcessProgramBuilder();
        var data = builder.Bytes([1, 2, 3, 4, 5, 6, 7, 8]);
        builder.Check("second byte is 2", data, 0xff00, 0x0200, Errno.EINVAL);
        builder.Check("last byte is 9", data, 0xff00000000000000, 0x0900000000000000, Errno.EXDEV);
        Execute(builder, "/bin/true");
        var result = _spawner.Spawn(builder.Build(), []);
        Assert.Equal(1, result.FailedOperation);
        Assert.Equal(Errno.EXDEV, result.Error);
    }

    [Fact]
    public void Ignored_and_blocked_signals_are_reset()
    {
        using var folder = new TemporaryFolder();
        var builder = new ProcessProgramBuilder();
        Execute(builder, "/bin/sh", "-c", $"grep -E '^Sig(Blk|Ign)' /proc/self/status > {folder.Path}/s");
        Assert.Equal(0, WaitForExit(_spawner.Spawn(builder.Build(), [])));
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", File.ReadAllText(folder.Path + "/s"));
    }

    [Fact]
    public void A_child_killed_on_its_way_is_told_from_one_that_executed()
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("leave", SystemCall.Exit, 3);
        Execute(builder, "/bin/true");
        var result = _spawner.Spawn(builder.Build(), []);
        Assert.Equal(0, result.FailedOperation);
        Assert.Equal(Errno.ECHILD, result.Error);
    }

    [Fact]
    public void Descriptors_and_pointers_survive_the_wire()
    {
        using var folder = new TemporaryFolder();
        using var file = File.OpenHandle(folder.Path + "/out", FileMode.Create, FileAccess.Write);
        var builder = new ProcessProgramBuilder();
        builder.Call("stdout", SystemCall.Dup3, new ProgramDescriptor(1), 1, 0);
        Execute(builder, "/bin/echo", "hello", "world");
        var writer = new ArrayBufferWriter<byte>();
        ProcessProgramCodec.Write(builder.Build(), writer);
        var program = ProcessProgramCodec.Read(writer.WrittenSpan);
        Assert.Equal(0, WaitForExit(_spawner.Spawn(program, [-1, (int)file.DangerousGetHandle()])));
        Assert.Equal("hello world\n", File.ReadAllText(folder.Path + "/out"));
    }

    [Fact]
    public void Torn_programs_are_refused()
    {
        var builder = new ProcessProgramBuilder();
        Execute(builder, "/bin/echo", "hello");
        var writer = new ArrayBufferWriter<byte>();
        ProcessProgramCodec.Write(builder.Build(), writer);
        for (var length = 0; length < writer.WrittenCount; length++)
            Assert.Throws<InvalidDataException>(() => ProcessProgramCodec.Read(writer.WrittenSpan[..length]));
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = writer.WrittenSpan.ToArray();
            for (var i = 0; i < 4; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var read = ProcessProgramCodec.Read(bytes);
                Assert.All(read.PointerRelocations, offset => Assert.InRange(offset, 0, read.Image.Length - 8));
            }
            catch (InvalidDataException)
            {
                // Refused: as good as read.
            }
        }
    }

    [Fact]
    public async Task Many_children_from_many_threads_under_garbage_collections()
    {
        using var stop = new CancellationTokenSource();
        var garbage = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    GC.Collect();
                    GC.KeepAlive(new byte[100_000]);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var builder = new ProcessProgramBuilder { CloneFlags = NewNamespaces };
                for (var i = 0; i < 40; i++)
                    builder.Call("busy", SystemCall.Close, -1).Tolerate(Errno.EBADF);
                Execute(builder, "/bin/true");
                var program = builder.Build();
                for (var i = 0; i < 100; i++)
                    Assert.Equal(0, WaitForExit(_spawner.Spawn(program, [])));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        await Task.WhenAll(workers);
        await stop.CancelAsync();
        await garbage;
    }

    private int WaitOrFail(ProcessProgramBuilder builder)
    {
        var result = _spawner.Spawn(builder.Build(), []);
        if (result.FailedOperation < 0)
            Assert.Equal(0, WaitForExit(result));
        return result.FailedOperation;
    }

    private static void Execute(ProcessProgramBuilder builder, params string[] arguments) =>
        builder.Call($"exec {arguments[0]}", SystemCall.Execve, builder.Text(arguments[0]), builder.Vector(arguments), builder.Vector(["PATH=/usr/bin:/bin"]));

    private static int WaitForExit(SpawnResult result)
    {
        Assert.Equal(-1, result.FailedOperation);
        using var pidFd = result.PidFd!;
        return ProcessExitStatus.Wait(pidFd).Code;
    }
}
