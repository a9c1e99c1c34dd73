using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Os.Files;

namespace Gantry.Engine.Events;

/// <summary>
/// The last events on disk, for those who ask a later daemon for the past: a line of JSON each. A cache: it is not synced, so a power cut may
/// take the last ones, and where nothing can be written events are in memory alone. Not safe for several threads.
/// </summary>
internal sealed class EventJournal : IDisposable
{
    /// <summary>How many lines there are at most for each event that is kept.</summary>
    private const int MostLinesPerEvent = 4;

    private readonly string _path;
    private readonly int _kept;
    private FileStream? _file;
    private int _lines;
    private bool _isClosed;

    /// <summary>Opens the journal.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="kept">How many events are to be had from it.</param>
    public EventJournal(string path, int kept)
    {
        (_path, _kept) = (path, kept);
        Past = Load();
        Begin(Past);
    }

    /// <summary>What earlier daemons wrote, the oldest first.</summary>
    public IReadOnlyList<EngineEvent> Past { get; }

    /// <summary>Writes an event that has just been added to the kept ones.</summary>
    /// <param name="message">The event.</param>
    /// <param name="past">All that are kept, with this one.</param>
    public void Add(EngineEvent message, IReadOnlyCollection<EngineEvent> past)
    {
        if (_isClosed)
            return;
        try
        {
            if (++_lines > MostLinesPerEvent * _kept)
                Begin(past);
            else
                _file?.Write(Line(message));
        }
        catch (IOException)
        {
            // The disk is full or broken: it is in memory.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _file?.Dispose();
    }

    /// <summary>Begins the file anew, with what is kept.</summary>
    private void Begin(IReadOnlyCollection<EngineEvent> past)
    {
        _lines = past.Count;
        try
        {
            AtomicFile.Write(_path, [.. past.SelectMany(Line)], sync: false);
            _file?.Dispose();
            _file = null;
            // Without a buffer: each event is a write of its own, and there after the daemon was killed.
            _file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As above. Where there is no file it is tried again with the next event, else after as many as the file may have.
            _lines = _file is null ? MostLinesPerEvent * _kept : 0;
        }
    }

    private List<EngineEvent> Load()
    {
        var past = new List<EngineEvent>();
        try
        {
            foreach (var line in File.ReadLines(_path))
            {
                if (Read(line) is { } message)
                    past.Add(message);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // There is none yet, or it cannot be read: a cache keeps no daemon from its start.
        }
        return past.Count > _kept ? past[^_kept..] : past;
    }

    private static EngineEvent? Read(string line)
    {
        try
        {
            var message = JsonSerializer.Deserialize(line, EventJson.Default.EngineEvent);
            return message is { Type: not null, Action: not null, ActorId: not null, Attributes: not null } ? message : null;
        }
        catch (JsonException)
        {
            return null; // Torn by a power cut or a full disk.
        }
    }

    private static byte[] Line(EngineEvent message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, EventJson.Default.EngineEvent), (byte)'\n'];
}

/// <summary>An event as a line of the journal.</summary>
[JsonSerializable(typeof(EngineEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
