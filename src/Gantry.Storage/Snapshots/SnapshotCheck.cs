using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Snapshots;

/// <summary>Compares the folders of snapshots with what is known of them.</summary>
/// <param name="layers">The folder of layers.</param>
/// <param name="writable">The folder of writable snapshots.</param>
/// <param name="known">The snapshots by their keys.</param>
/// <param name="isUnmade">Whether a snapshot is not on the disk yet.</param>
internal sealed class SnapshotCheck(Fd layers, Fd writable, IReadOnlyDictionary<string, SnapshotInformation> known, Predicate<string> isUnmade)
{
    internal List<SnapshotProblem> Run()
    {
        var problems = new List<SnapshotProblem>();
        foreach (var snapshot in known.Values.Where(snapshot => !isUnmade(snapshot.Key)))
        {
            if (Examine(snapshot) is { } problem)
                problems.Add(new SnapshotProblem(snapshot.Key, snapshot.Writable, problem, CanDiscard: !snapshot.Writable));
        }
        AddUnknown(layers, isWritable: false, problems);
        AddUnknown(writable, isWritable: true, problems);
        return problems;
    }

    private string? Examine(SnapshotInformation snapshot)
    {
        var parent = snapshot.Writable ? writable : layers;
        byte[] folder = SnapshotKey.ToFolder(snapshot.Key);
        if (FileStatusReader.TryRead(parent, folder, out _) is not { IsDirectory: true })
            return "its folder is missing";
        if (FileStatusReader.TryRead(parent, SnapshotFolders.FilesPath(snapshot.Key), out _) is not { IsDirectory: true })
            return "its files are missing";
        var link = FileNodes.TryReadLink(parent, [.. folder, .. "/parent"u8], out _);
        var named = link is null ? null : SnapshotKey.FromFolder(link.AsSpan(link.AsSpan().LastIndexOf((byte)'/') + 1));
        return named == snapshot.Parent ? null : $"its folder names the parent {named ?? "none"} instead of {snapshot.Parent ?? "none"}";
    }

    private void AddUnknown(Fd parent, bool isWritable, List<SnapshotProblem> problems)
    {
        foreach (var folder in DirectoryReader.Read(parent))
        {
            var key = SnapshotKey.FromFolder(folder.Name);
            if (!known.TryGetValue(key, out var snapshot) || snapshot.Writable != isWritable)
                problems.Add(new SnapshotProblem(key, isWritable, "its folder belongs to nothing", CanDiscard: true));
        }
    }
}
