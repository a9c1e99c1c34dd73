using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gantry.Engine.Logs;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Tests.Logs;

/// <summary>A log in a temporary folder, written line by line as the keeper writes it.</summary>
internal sealed class LogFolder : IDisposable
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-log-").FullName;

    internal string Path => System.IO.Path.Combine(_folder, "json.log");

    /// <summary>How lines lie in the files.</summary>
    internal LogFormat Format { get; init; }

    internal LogPlace Place => new(Path, Format);

    internal LogWatcher Watcher { get; } = new();

    internal LogReader Reader => new(Watcher);

    /// <summary>The time of the n-th second of the log.</summary>
    internal static DateTimeOffset Second(int second) => Start.AddSeconds(second);

    internal static string Line(string text, int second = 0, string stream = "stdout", string? attributes = null)
    {
        var attrs = attributes is null ? "" : $"\"attrs\":{attributes},";
        return $"{{\"log\":{JsonSerializer.Serialize(text)},\"stream\":\"{stream}\",{attrs}\"time\":\"{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ss}.12Z\"}}\n";
    }

    internal void Append(string content, string suffix = "") => File.AppendAllText(Path + suffix, content);

    internal void AppendPacked(string content, string suffix)
    {
        using var file = new GZipStream(File.Create(Path + suffix), CompressionLevel.Fastest);
        file.Write(Encoding.UTF8.GetBytes(content));
    }

    /// <summary>As the keeper does it.</summary>
    internal void Rotate(int files)
    {
        for (var i = files - 1; i > 0; i--)
            foreach (var form in (ReadOnlySpan<string>)["", ".gz"])
                if (File.Exists(Name(i - 1) + form))
                    File.Move(Name(i - 1) + form, Name(i) + form, overwrite: true);
        File.Create(Path).Dispose();
    }

    internal Task<string> ReadAsync(LogQuery query, bool framed = false) => ReadAsync(query, Task.CompletedTask, framed);

    internal async Task<string> ReadAsync(LogQuery query, Task ended, bool framed = false)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Reader.WriteAsync(Place, query, framed, ended, pipe.Writer, limit.Token);
        await pipe.Writer.CompleteAsync();
        var result = await pipe.Reader.ReadAtLeastAsync(int.MaxValue, limit.Token);
        return Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(result.Buffer));
    }

    public void Dispose()
    {
        Watcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Name(int number) => number == 0 ? Path : $"{Path}.{number}";
}
