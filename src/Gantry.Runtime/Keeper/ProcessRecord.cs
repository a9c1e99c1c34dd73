using System.Text.Json.Serialization;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper;

/// <summary>How the standard streams of a process are made.</summary>
public sealed record StdioRequest
{
    /// <summary>Whether it has a terminal instead of pipes: one raw stream, logged as stdout.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether it has a standard input that can be written to; otherwise that is /dev/null. A terminal can always be written to.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether the first attached stdin that ends, ends the standard input of the process (not with a terminal).</summary>
    public bool StdinOnce { get; init; }

    /// <summary>The terminal's first size in characters; null: not set. Not part of the record.</summary>
    [JsonIgnore]
    public (ushort Rows, ushort Columns)? Size { get; init; }
}

/// <summary>How lines lie in a log file.</summary>
public enum LogFormat
{
    /// <summary>One JSON object a line (docker's json-file).</summary>
    JsonLines,

    /// <summary>Entries in pages that can be searched (<see cref="PagedLog"/>).</summary>
    Paged,
}

/// <summary>Where and how the output is logged.</summary>
public sealed record LogRequest
{
    /// <summary>The file; its folder exists. Older ones are beside it, named with <c>.1</c>, <c>.2</c> and so on.</summary>
    public required string Path { get; init; }

    /// <summary>From how many bytes on a file is closed and the next one begun; 0: never.</summary>
    public long MaxSize { get; init; }

    /// <summary>How many files there are at most, the current one included; 1: the current one is emptied.</summary>
    public int MaxFiles { get; init; } = 1;

    /// <summary>A JSON object written into each line as <c>attrs</c> (labels and environment chosen by log options); null: none.</summary>
    public string? Attributes { get; init; }

    /// <summary>How lines lie in the file.</summary>
    public LogFormat Format { get; init; }

    /// <summary>How many seconds a line stays at most: each of the files is closed after its part of them; 0: for ever.</summary>
    public long MaxAge { get; init; }

    /// <summary>Whether files are compressed when they are closed (<c>.1.gz</c> ...).</summary>
    public bool Compress { get; init; }

    /// <summary>How many bytes of output may wait for the file before the log loses them; 0: the process waits instead.</summary>
    public int Buffer { get; init; }
}

/// <summary>How a process ended.</summary>
/// <param name="Id">The process's ID.</param>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it; 255 when it could not be known.</param>
/// <param name="Signal">The signal that ended it, if one did.</param>
/// <param name="ExitedAt">When its end was noticed.</param>
/// <param name="Known">Whether the code could be known. It cannot when the keeper and the daemon both died, and the process ended before others came.</param>
public sealed record ProcessExit(string Id, int ExitCode, int? Signal, DateTimeOffset ExitedAt, bool Known);

/// <summary>
/// Everything a keeper has to know of a process besides its descriptors: goes to the keeper with a spawn, comes back in a list, goes to
/// the next keeper, and lies in the state folder for the case that nobody is left to tell it.
/// </summary>
public sealed record ProcessRecord
{
    /// <summary>The ID, unique in the keeper.</summary>
    public required string Id { get; init; }

    /// <summary>The process ID; 0 before the spawn.</summary>
    public int Pid { get; init; }

    /// <summary>When it started, in clock ticks since boot: tells it from another process with the same ID.</summary>
    public long StartTicks { get; init; }

    /// <summary>When it started, in nanoseconds since 1970.</summary>
    public long StartedAtNanoseconds { get; init; }

    /// <summary>The boot in which it runs (/proc/sys/kernel/random/boot_id).</summary>
    public string BootId { get; init; } = "";

    /// <summary>How its standard streams are made.</summary>
    public StdioRequest Stdio { get; init; } = new();

    /// <summary>The pipes of its standard streams as /proc shows them (<c>pipe:[4711]</c>): input, output, errors; empty for none.</summary>
    public IReadOnlyList<string> Pipes { get; init; } = [];

    /// <summary>Its log; null: none.</summary>
    public LogRequest? Log { get; init; }

    /// <summary>The folder in which its end is recorded; null: it is not.</summary>
    public string? StateFolder { get; init; }

    /// <summary>How it ended, if it has.</summary>
    public ProcessExit? Exit { get; init; }

    internal void Write(MessageWriter writer)
    {
        writer.Text(Id).Int32(Pid).Int64(StartTicks).Int64(StartedAtNanoseconds).Text(BootId);
        writer.Byte((byte)((Stdio.Terminal ? 1 : 0) | (Stdio.OpenStdin ? 2 : 0) | (Stdio.StdinOnce ? 4 : 0)));
        writer.Int32(Pipes.Count);
        foreach (var pipe in Pipes)
            writer.Text(pipe);
        writer.Text(Log?.Path);
        if (Log is not null)
            writer.Int64(Log.MaxSize).Int32(Log.MaxFiles).Text(Log.Attributes).Byte((byte)Log.Format).Int64(Log.MaxAge)
                .Byte(Log.Compress ? (byte)1 : (byte)0).Int32(Log.Buffer);
        writer.Text(StateFolder).Byte(Exit is null ? (byte)0 : (byte)1);
        if (Exit is not null)
            ProcessExitCodec.Write(Exit, writer);
    }

    internal static ProcessRecord Read(ref MessageReader reader)
    {
        var record = new ProcessRecord
        {
            Id = reader.Text(), Pid = reader.Int32(), StartTicks = reader.Int64(), StartedAtNanoseconds = reader.Int64(), BootId = reader.Text(),
        };
        var flags = reader.Byte();
        var stdio = new StdioRequest
        {
            Terminal = (flags & 1) != 0, OpenStdin = (flags & 2) != 0, StdinOnce = (flags & 4) != 0,
        };
        var count = reader.Int32();
        var pipes = new string[count is >= 0 and <= 3 ? count : throw new InvalidDataException($"{count} standard streams")];
        for (var i = 0; i < pipes.Length; i++)
            pipes[i] = reader.Text();
        var log = reader.OptionalText() is { } path
            ? new LogRequest
            {
                Path = path, MaxSize = reader.Int64(), MaxFiles = reader.Int32(), Attributes = reader.OptionalText(), Format = (LogFormat)(reader.Byte() & 1),
                MaxAge = reader.Int64(), Compress = reader.Byte() != 0, Buffer = reader.Int32(),
            }
            : null;
        return record with
        {
            Stdio = stdio, Pipes = pipes, Log = log, StateFolder = reader.OptionalText(),
            Exit = reader.Byte() != 0 ? ProcessExitCodec.Read(ref reader) : null,
        };
    }
}

/// <summary>A process's end as part of a message.</summary>
internal static class ProcessExitCodec
{
    internal static void Write(ProcessExit exit, MessageWriter writer) =>
        writer.Text(exit.Id).Int32(exit.ExitCode).Int32(exit.Signal ?? 0).Int64(exit.ExitedAt.UtcTicks).Byte(exit.Known ? (byte)1 : (byte)0);

    internal static ProcessExit Read(ref MessageReader reader)
    {
        var (id, code, signal, ticks, known) = (reader.Text(), reader.Int32(), reader.Int32(), reader.Int64(), reader.Byte() != 0);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new ProcessExit(id, code, signal == 0 ? null : signal, new DateTimeOffset(ticks, TimeSpan.Zero), known)
            : throw new InvalidDataException("a time out of range in a message");
    }
}
