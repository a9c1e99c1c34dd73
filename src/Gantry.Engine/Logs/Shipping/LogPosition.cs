using System.Text.Json;
using Gantry.Engine.Containers;
using Gantry.Os.Files;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>How far the log of a container was shipped: the time of the last line, and how many lines of that time.</summary>
internal sealed record LogPosition
{
    /// <summary>Nanoseconds since 1970; 0: nothing was shipped.</summary>
    public long Time { get; init; }

    /// <summary>Lines with exactly that time.</summary>
    public int Count { get; init; }

    /// <summary>With one more line.</summary>
    public LogPosition After(LogEntry entry) => entry.Time == Time ? this with { Count = Count + 1 } : new LogPosition { Time = entry.Time, Count = 1 };

    /// <summary>Reads that of a container; when there is none, or it is damaged, shipping begins with the log.</summary>
    public static LogPosition Load(Container container)
    {
        try
        {
            return File.Exists(PathOf(container)) ? JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(container)), EngineJson.Default.LogPosition) ?? new()
                : new();
        }
        catch (JsonException)
        {
            return new();
        }
    }

    /// <summary>Writes it: by a rename, without a sync, as after a power cut lines may come twice.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(Container container) =>
        AtomicFile.Write(PathOf(container), JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.LogPosition), sync: false);

    private static string PathOf(Container container) => Path.Combine(container.Folder, "log-position.json");
}
