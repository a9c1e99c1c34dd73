using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Images;

/// <summary>
/// When images were last used: a container was created or started from one, or it was pulled, loaded, made, tagged, pushed or saved. A use costs a write
/// into a dictionary; the file, a cache, is written some seconds later and at the end. Safe for use by several threads.
/// </summary>
public sealed class ImageUse : IDisposable
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<Digest, DateTimeOffset> _times = new();
    private readonly Lock _writing = new();
    private readonly string? _path;
    private readonly ITimer _timer;
    private int _isChanged;
    private bool _isDisposed;

    /// <summary>Reads what is known; a file that is missing or torn is as an empty one, and a torn one goes.</summary>
    /// <param name="path">The file, whose folder exists; null: nothing is read or written.</param>
    /// <param name="clock">Where the time comes from.</param>
    public ImageUse(string? path, TimeProvider clock)
    {
        _path = path;
        Clock = clock;
        _timer = clock.CreateTimer(_ => Write(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var (id, time) in path is null ? [] : Read(path))
        {
            if (Digest.TryParse(id, out var digest))
                _times[digest] = time;
        }
    }

    internal TimeProvider Clock { get; }

    /// <summary>When an image was last used; null when that is not known.</summary>
    /// <param name="image">The image's ID.</param>
    public DateTimeOffset? LastUsed(Digest image) => _times.TryGetValue(image, out var time) ? time : null;

    /// <summary>Notes that an image is used now.</summary>
    /// <param name="image">The image's ID.</param>
    public void Touch(Digest image)
    {
        _times[image] = Clock.GetUtcNow();
        Changed();
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write();
        lock (_writing)
            _isDisposed = true;
    }

    /// <summary>Forgets the images that are gone.</summary>
    internal void Keep(Func<Digest, bool> isThere)
    {
        foreach (var image in _times.Keys.Where(image => !isThere(image)))
        {
            _times.TryRemove(image, out _);
            Changed();
        }
    }

    private void Changed()
    {
        // One timer for all uses until it fires: those of a busy minute are few writes.
        if (Interlocked.Exchange(ref _isChanged, 1) == 0 && _path is not null)
            _timer.Change(WriteDelay, Timeout.InfiniteTimeSpan);
    }

    private void Write()
    {
        lock (_writing)
        {
            // A timer's last call may come after the end, when the file is the next daemon's.
            if (_isDisposed || _path is null || Interlocked.Exchange(ref _isChanged, 0) == 0)
                return;
            var times = _times.ToDictionary(entry => entry.Key.ToString(), entry => entry.Value);
            try
            {
                AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(times, ImageUseJson.Default.DictionaryStringDateTimeOffset), sync: false);
            }
            catch (Exception e) when (e is OsException or IOException or UnauthorizedAccessException)
            {
                // Such as a full disk, of which those tell who must write. The next use tries again.
            }
        }
    }

    private static Dictionary<string, DateTimeOffset> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ImageUseJson.Default.DictionaryStringDateTimeOffset) ?? [];
        }
        catch (JsonException)
        {
            // A power cut may leave the name without the content. The next use writes another.
            File.Delete(path);
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

/// <summary>The file: times by image ID.</summary>
[JsonSerializable(typeof(Dictionary<string, DateTimeOffset>))]
internal sealed partial class ImageUseJson : JsonSerializerContext;
