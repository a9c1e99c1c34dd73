using System.Text.Json;
using Gantry.Engine.Logs.Keeping;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Containers;

/// <summary>
/// The folder of one container: <c>container.json</c> (what it is; durable), <c>state.json</c> (how its last run went; synced only where a
/// restart policy asks for it after a power cut, since after any other end the keeper's record tells the same), and its log.
/// </summary>
/// <param name="paths">Where containers are kept.</param>
/// <param name="background">Deletes what was removed.</param>
/// <param name="log">Told of states that cannot be written.</param>
/// <param name="clock">Says when to try these again.</param>
internal sealed class ContainerFolder(EnginePaths paths, BackgroundWork background, EngineLog log, TimeProvider clock) : IDisposable
{
    private readonly ContainerStateFiles _states = new(log, clock);

    internal const string RemovedPrefix = "removed-";
    private const string RemovedWithVolumesPrefix = RemovedPrefix + "volumes-";

    // What is left of a state that a power cut tore: that the container had been started.
    private static readonly ContainerState s_lostState = new()
    {
        Status = ContainerStatus.Exited,
        ExitCode = UnknownExitCode,
        Error = "the exit code is not known: the machine went down before the container's state was on the disk",
    };

    private const int UnknownExitCode = 255;
    private const string DocumentName = "container.json";

    /// <summary>The folder of a container.</summary>
    public string PathOf(string id) => Path.Combine(paths.Containers, id);

    /// <summary>
    /// Writes a new container. It exists once its document is whole: one that a crash tore was never reported, and is nobody's. That saves
    /// the rename, and with it a second sync.
    /// </summary>
    /// <exception cref="OsException">Writing failed, e.g. there is no space left; nothing of it stays.</exception>
    public Container Create(ContainerDocument document)
    {
        var folder = PathOf(document.Id);
        FileNodes.MakeDirectory(null, KernelPath.FromText(folder), 0x1c0 /* 0700 */);
        try
        {
            AtomicFile.WriteNew(Path.Combine(folder, DocumentName), Serialize(document), IsDurable(document));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return new Container(document, new ContainerState(), folder, paths.ProcessState(document.Id));
    }

    /// <summary>Replaces what the container is. Synced, unless it goes with its process anyway.</summary>
    public void WriteDocument(ContainerDocument document) => AtomicFile.Write(
        Path.Combine(PathOf(document.Id), DocumentName),
        Serialize(document),
        IsDurable(document));

    /// <summary>
    /// Replaces what is known of the process. Not written for a container that goes with its process: while that runs the keeper's record
    /// tells the same, and after it nobody asks.
    /// </summary>
    public void WriteState(Container container)
    {
        if (!container.HostConfig.AutoRemove)
            _states.Write(container);
    }

    /// <summary>Ends the attempts to write what could not be written.</summary>
    public void Dispose() => _states.Dispose();

    /// <summary>All containers on disk. A folder without a whole document is what a crash left of a creation: it is deleted.</summary>
    public IEnumerable<Container> LoadAll()
    {
        foreach (var folder in Directory.EnumerateDirectories(paths.Containers).Where(folder => !IsRemoved(folder)))
        {
            if (Load(folder) is { } container)
                yield return container;
            else
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// What removed containers have left: the folder; the container, if a crash has interrupted the removal; the volumes that were to go with it.
    /// </summary>
    public IEnumerable<(string Folder, Container? Container, IReadOnlyList<string> Volumes)> ListRemoved()
    {
        foreach (var folder in Directory.EnumerateDirectories(paths.Containers).Where(IsRemoved))
        {
            var container = Load(folder);
            var withVolumes = Path.GetFileName(folder).StartsWith(RemovedWithVolumesPrefix, StringComparison.Ordinal);
            yield return (folder, container, withVolumes && container is not null ? container.Document.AnonymousVolumes : []);
        }
    }

    /// <summary>Removes a container: one rename, after which it does not exist any more. What is left is deleted by <see cref="DeleteLater"/>.</summary>
    /// <param name="container">The container.</param>
    /// <param name="volumes">Whether its volumes are to go with it, be it at the next start.</param>
    /// <returns>Where its files are now.</returns>
    public string Remove(Container container, bool volumes)
    {
        var removed = PathOf((volumes ? RemovedWithVolumesPrefix : RemovedPrefix) + container.Id);
        Directory.Move(container.Folder, removed);
        return removed;
    }

    /// <summary>Deletes what was removed in the background, since each file may cost milliseconds on a busy disk.</summary>
    /// <param name="removed">The folder.</param>
    /// <param name="log">What is to stay of it; null: nothing.</param>
    public void DeleteLater(string removed, RemovedLog? log = null) => background.Run("delete the files of a removed container", () =>
    {
        if (log is not null)
            log.Save();
        else
            Directory.Delete(removed, recursive: true);
    });

    private static bool IsRemoved(string folder) => Path.GetFileName(folder).StartsWith(RemovedPrefix, StringComparison.Ordinal);

    private static byte[] Serialize(ContainerDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, EngineJson.Default.ContainerDocument);

    private static bool IsDurable(ContainerDocument document) => !document.HostConfig.AutoRemove;

    private Container? Load(string folder)
    {
        if (Read(Path.Combine(folder, DocumentName), EngineJson.Default.ContainerDocument) is not { } document)
            return null;
        foreach (var unfinished in Directory.EnumerateFiles(folder, "*" + AtomicFile.TemporarySuffix))
            File.Delete(unfinished);
        var stateFile = ContainerStateFiles.PathIn(folder);
        if (!File.Exists(stateFile))
            return new Container(document, new ContainerState(), folder, paths.ProcessState(document.Id));
        if (Read(stateFile, EngineJson.Default.ContainerState) is { } state)
            return new Container(document, state, folder, paths.ProcessState(document.Id));

        var container = new Container(document, s_lostState with { StartedAt = document.Created }, folder, paths.ProcessState(document.Id));
        WriteState(container);
        return container;
    }

    private static T? Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }
}
