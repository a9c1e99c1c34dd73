using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Json;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;

namespace Gantry.Runtime.State;

/// <summary>
/// The state of containers as files: one folder a container, with <c>state.json</c>, a copy of <c>config.json</c>, and as long as the
/// container is created but not started the FIFO at which its process waits. The folder's creation takes the ID.
/// </summary>
public sealed class StateFolder(string root)
{
    private const string RecordName = "state.json", SpecName = "config.json", GateName = "exec.fifo";
    private const uint Private = 0x1c0, PrivateFile = 0x180; // 0700, 0600

    /// <summary>Takes an ID.</summary>
    /// <exception cref="GantryException">The ID is not valid, or taken.</exception>
    /// <exception cref="OsException">The folder cannot be made.</exception>
    public void Reserve(string id)
    {
        if (id.Length is 0 or > 1024 || id is "." or ".." || id.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '+' or '-' or '.')))
            throw GantryException.Invalid("invalid container ID format");
        Directory.CreateDirectory(root, (UnixFileMode)Private);
        var error = FileNodes.TryMakeDirectory(null, KernelPath.FromText(Folder(id)), Private);
        if (error == Errno.EEXIST)
            throw GantryException.Conflict("container with given ID already exists");
        if (error.Value != 0)
            throw new OsException($"make {Folder(id)}", error);
    }

    /// <summary>Stores a container's record; replaces an older one whole.</summary>
    public void Save(ContainerRecord record) =>
        AtomicFile.Write(Path.Combine(Folder(record.Id), RecordName), record.ToDocument(), sync: false);

    /// <summary>Stores a container's configuration as it was given.</summary>
    public void SaveSpec(string id, ReadOnlySpan<byte> document) => AtomicFile.Write(Path.Combine(Folder(id), SpecName), document, sync: false);

    /// <summary>A container's record.</summary>
    /// <exception cref="GantryException">There is no such container.</exception>
    public ContainerRecord Load(string id) => TryLoad(id) ?? throw GantryException.NotFound("container does not exist");

    /// <summary>A container's record; null: there is no such container, or it is being made.</summary>
    public ContainerRecord? TryLoad(string id)
    {
        var path = Path.Combine(Folder(id), RecordName);
        return id.Length > 0 && !id.Contains('/', StringComparison.Ordinal) && File.Exists(path)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.ContainerRecord)
            : null;
    }

    /// <summary>A container's configuration.</summary>
    public RuntimeSpec LoadSpec(string id) => ReadSpec(File.ReadAllBytes(Path.Combine(Folder(id), SpecName)));

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="GantryException">It is not JSON, or not a configuration.</exception>
    public static RuntimeSpec ReadSpec(ReadOnlyMemory<byte> document) => Read(SpecName, document, RuntimeSpecReader.Read);

    /// <summary>Reads the description of a process to execute.</summary>
    /// <param name="path">Where it is from.</param>
    /// <param name="document">The document.</param>
    /// <exception cref="GantryException">It is not JSON, or describes no process.</exception>
    public static ProcessSpec ReadProcess(string path, ReadOnlyMemory<byte> document) => Read(path, document, RuntimeSpecReader.ReadProcess);

    private static T Read<T>(string name, ReadOnlyMemory<byte> document, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            ForeignJson.Verify(document.Span);
            return read(document);
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"{name}: {error.Message}", error);
        }
    }

    /// <summary>All containers, by ID.</summary>
    /// <exception cref="DirectoryNotFoundException">No container was ever made here.</exception>
    public IReadOnlyList<ContainerRecord> List() =>
        [.. Directory.GetDirectories(root).Select(Path.GetFileName).Order(StringComparer.Ordinal).Select(id => TryLoad(id!)).OfType<ContainerRecord>()];

    /// <summary>Makes the FIFO at which the process waits to be started, opened for both so that opening does not wait.</summary>
    public Fd MakeGate(string id)
    {
        var path = Path.Combine(Folder(id), GateName);
        var error = FileNodes.TryMakeNode(null, KernelPath.FromText(path), FileKind.Fifo, PrivateFile, default);
        return error.Value == 0 ? FileOpener.Open(path, OpenFlags.ReadWrite) : throw new OsException($"make {path}", error);
    }

    /// <summary>Lets the waiting process go on.</summary>
    /// <returns>Whether it was waiting.</returns>
    public bool OpenGate(string id)
    {
        var path = Path.Combine(Folder(id), GateName);
        using var gate = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.WriteOnly | OpenFlags.NonBlocking, 0, out _);
        if (gate is null)
            return false;
        // The file goes first: who sees the process run must not see the state "created" any more.
        File.Delete(path);
        FileData.Write(gate, "1"u8);
        return true;
    }

    /// <summary>The status as runtime-spec has it, and the first process's ID; 0: it has ended.</summary>
    /// <param name="record">The container.</param>
    /// <param name="isFrozen">Asks whether the container's cgroup is frozen; called only when the process runs.</param>
    public (string Status, int Pid) Status(ContainerRecord record, Func<bool> isFrozen)
    {
        if (PidFd.StartTicks(record.Pid) != record.StartTicks || IsZombie(record.Pid))
            return ("stopped", 0);
        if (isFrozen())
            return ("paused", record.Pid);
        return (File.Exists(Path.Combine(Folder(record.Id), GateName)) ? "created" : "running", record.Pid);
    }

    /// <summary>Forgets a container.</summary>
    public void Delete(string id) => Directory.Delete(Folder(id), recursive: true);

    /// <summary>A container's folder.</summary>
    public string Folder(string id) => Path.Combine(root, id);

    private static bool IsZombie(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            // It ended between the two looks.
            return true;
        }
    }
}
