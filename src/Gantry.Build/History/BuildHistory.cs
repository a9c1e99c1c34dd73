using System.Text.Json;
using System.Threading.Channels;
using Gantry.Build.Progress;
using Gantry.Os.Files;

namespace Gantry.Build.History;

/// <summary>
/// The builds that there were: a document and a log of each, the last fifty. They are for people to look at: nothing is synced, and what cannot be read is
/// passed over. Safe for use by several threads.
/// </summary>
/// <param name="folder">Where they are.</param>
/// <param name="clock">The time.</param>
public sealed class BuildHistory(string folder, TimeProvider clock)
{
    private const int MostRecords = 50;
    private readonly Dictionary<string, BuildRecord> _running = [];
    private readonly List<ChannelWriter<BuildRecord>> _followers = [];
    private readonly Lock _gate = new();

    internal TimeProvider Clock => clock;

    /// <summary>Begins to note a build.</summary>
    /// <param name="name">Its name; one that is no name of a file gets another.</param>
    /// <param name="frontend">Its frontend.</param>
    /// <param name="attributes">What it was asked for.</param>
    public BuildRecorder Begin(string name, string frontend, IReadOnlyDictionary<string, string> attributes)
    {
        var record = new BuildRecord
        {
            Ref = IsName(name) ? name : Guid.NewGuid().ToString("N"), Frontend = frontend, FrontendAttributes = new Dictionary<string, string>(attributes),
            CreatedAt = clock.GetUtcNow(),
        };
        Directory.CreateDirectory(folder);
        lock (_gate)
            _running[record.Ref] = record;
        Tell(record);
        return new BuildRecorder(this, record, Path.Combine(folder, $"{record.Ref}.log"));
    }

    /// <summary>All records, the newest first.</summary>
    public IReadOnlyList<BuildRecord> List()
    {
        lock (_gate)
        {
            var done = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Select(Read).OfType<BuildRecord>() : [];
            return [.. done.Where(record => !_running.ContainsKey(record.Ref)).Concat(_running.Values).OrderByDescending(record => record.CreatedAt)];
        }
    }

    /// <summary>A record; null: there is none.</summary>
    public BuildRecord? Find(string name)
    {
        lock (_gate)
            return _running.TryGetValue(name, out var running) ? running : IsName(name) ? Read(PathOf(name)) : null;
    }

    /// <summary>What a build told, from its beginning; nothing for one that there is not.</summary>
    public IEnumerable<BuildStatus> ReadLog(string name)
    {
        var path = Path.Combine(folder, $"{name}.log");
        if (!IsName(name) || !File.Exists(path))
            yield break;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
        {
            if (Parse(line) is { } status)
                yield return status;
        }
    }

    /// <summary>Removes a record.</summary>
    /// <returns>False: there is none, or the build goes on.</returns>
    public bool Remove(string name)
    {
        lock (_gate)
        {
            if (_running.ContainsKey(name) || !IsName(name) || Read(PathOf(name)) is not { } record)
                return false;
            Delete(name);
            Tell(record with { IsRemoved = true });
            return true;
        }
    }

    /// <summary>What becomes of builds from now on; ends when it is disposed.</summary>
    public HistoryFeed Follow()
    {
        var channel = Channel.CreateUnbounded<BuildRecord>();
        lock (_gate)
            _followers.Add(channel.Writer);
        return new HistoryFeed(channel, () =>
        {
            lock (_gate)
                _followers.Remove(channel.Writer);
        });
    }

    internal void Complete(BuildRecord record)
    {
        lock (_gate)
        {
            _running.Remove(record.Ref);
            try
            {
                AtomicFile.Write(PathOf(record.Ref), JsonSerializer.SerializeToUtf8Bytes(record, BuildRecordJson.Default.BuildRecord), sync: false);
                RemoveOldest();
            }
            catch (IOException)
            {
                // The disk is full: the build is done all the same.
            }
        }
        Tell(record);
    }

    /// <summary>Removes the logs of builds that ended with their daemon. Before the first build.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var log in Directory.GetFiles(folder, "*.log").Where(log => !File.Exists(Path.ChangeExtension(log, ".json"))))
            File.Delete(log);
    }

    /// <summary>Looks at names alone as long as there are few.</summary>
    private void RemoveOldest()
    {
        var records = Directory.GetFiles(folder, "*.json");
        foreach (var old in records.Length <= MostRecords ? [] : records.OrderByDescending(File.GetLastWriteTimeUtc).Skip(MostRecords))
            Delete(Path.GetFileNameWithoutExtension(old));
    }

    private void Tell(BuildRecord record)
    {
        lock (_gate)
        {
            foreach (var follower in _followers)
                follower.TryWrite(record);
        }
    }

    private void Delete(string name)
    {
        File.Delete(PathOf(name));
        File.Delete(Path.Combine(folder, $"{name}.log"));
    }

    private string PathOf(string name) => Path.Combine(folder, $"{name}.json");

    private static bool IsName(string name) => name.Length is > 0 and <= 128 && name.All(char.IsAsciiLetterOrDigit);

    private static BuildRecord? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), BuildRecordJson.Default.BuildRecord) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static BuildStatus? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, BuildStatusJson.Default.BuildStatus);
        }
        catch (JsonException)
        {
            // The last line of a daemon that died.
            return null;
        }
    }
}

/// <summary>What becomes of builds, for one who listens.</summary>
/// <param name="channel">The records.</param>
/// <param name="leave">Ends it.</param>
public sealed class HistoryFeed(Channel<BuildRecord> channel, Action leave) : IDisposable
{
    /// <summary>The records as they change.</summary>
    public IAsyncEnumerable<BuildRecord> ReadAllAsync(CancellationToken cancellation) => channel.Reader.ReadAllAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => leave();
}
