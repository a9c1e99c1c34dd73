using System.Text.Json;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Engine.Logs.Keeping;

/// <summary>What is left of a removed container: its log, and what is needed to read it.</summary>
public sealed record RemovedLog
{
    private const string DocumentName = "removed.json";
    private long? _length;

    /// <summary>The container's ID.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it had a terminal: then its log is one raw stream.</summary>
    public bool Tty { get; init; }

    /// <summary>Its log driver.</summary>
    public string Driver { get; init; } = "";

    /// <summary>When it was removed.</summary>
    public DateTimeOffset RemovedAt { get; init; }

    /// <summary>The folder in which it lies. Not part of the document.</summary>
    internal string Folder { get; init; } = "";

    /// <summary>How large its files are together; they do not change any more.</summary>
    internal long Length => _length ??= SeenLog.List(Place).Sum(static file => file.Length);

    internal LogPlace Place => LogPlace.Of(Folder, Id, Driver);

    internal static RemovedLog Of(Container container, string folder, DateTimeOffset now) => new()
    {
        Id = container.Id,
        Name = container.Name,
        Tty = container.Config.Tty,
        Driver = container.HostConfig.LogConfig.Type,
        RemovedAt = now,
        Folder = folder,
    };

    /// <summary>Reads that of a folder; null: there is none, or it is damaged.</summary>
    internal static RemovedLog? Load(string folder)
    {
        try
        {
            var path = Path.Combine(folder, DocumentName);
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.RemovedLog) is { } log
                ? log with { Folder = folder } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the document, and deletes all else but the log: the container's configuration may hold secrets.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Save()
    {
        AtomicFile.Write(Path.Combine(Folder, DocumentName), JsonSerializer.SerializeToUtf8Bytes(this, EngineJson.Default.RemovedLog), sync: false);
        var log = Path.GetFileName(Place.Path);
        foreach (var entry in new DirectoryInfo(Folder).EnumerateFileSystemInfos())
        {
            if (entry.Name == DocumentName || entry.Name.StartsWith(log, StringComparison.Ordinal))
                continue;
            if (entry is DirectoryInfo { LinkTarget: null } folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }
}
