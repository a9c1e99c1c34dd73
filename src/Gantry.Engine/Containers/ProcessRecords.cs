namespace Gantry.Engine.Containers;

/// <summary>The folder with the keeper's records of a container's process.</summary>
internal static class ProcessRecords
{
    /// <summary>Removes it, with whatever a crash left in it.</summary>
    public static void Remove(EnginePaths paths, string id)
    {
        var folder = paths.ProcessState(id);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
