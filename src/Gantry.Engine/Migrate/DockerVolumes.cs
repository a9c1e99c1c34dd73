using System.Text.Json;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;
using Gantry.Volumes;

namespace Gantry.Engine.Migrate;

/// <summary>A volume of a Docker.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Driver">Its driver.</param>
/// <param name="Options">Options of the driver.</param>
/// <param name="Labels">Its labels; null when they could not be read.</param>
internal sealed record DockerVolume(string Name, string Driver, IReadOnlyDictionary<string, string> Options, IReadOnlyDictionary<string, string>? Labels);

/// <summary>The volumes of a Docker: <c>volumes/NAME</c>, and <c>volumes/metadata.db</c> with what was said when they were made.</summary>
/// <param name="root">The Docker's folder.</param>
/// <param name="volumes">Where they go.</param>
/// <param name="mounts">Mounts them.</param>
internal sealed class DockerVolumes(DockerRoot root, VolumeStore volumes, VolumeMounts mounts)
{
    private const string ListPath = "volumes/metadata.db";

    /// <summary>All of them, by name, and why their labels are not known.</summary>
    public (IReadOnlyList<DockerVolume> Volumes, string? Problem) Read()
    {
        var (documents, problem) = ReadDocuments();
        var names = root.List("volumes").Where(name => root.Has($"volumes/{name}/_data") || root.Has($"volumes/{name}/opts.json"))
            .Union(documents.Where(static one => one.Value.Text("Driver") is { } driver && driver != Volume.LocalDriver).Select(static one => one.Key));
        return ([.. names.Select(name => Describe(name, documents.TryGetValue(name, out var document) ? document : null))], problem);
    }

    /// <summary>Makes the volume here, with all that is in it. It appears when it is whole.</summary>
    /// <exception cref="GantryException">It has a driver that is not here, or its name is taken.</exception>
    /// <exception cref="OsException">Something cannot be read or written.</exception>
    public async Task TakeAsync(DockerVolume volume)
    {
        if (volume.Driver != Volume.LocalDriver)
            throw GantryException.Invalid($"its driver is {volume.Driver}, and what is in it is with that");
        // 1. What lies elsewhere is found there by us, too.
        if (volume.Options.ContainsKey("device") || volume.Options.ContainsKey("type"))
        {
            volumes.GetOrCreate(volume.Name, volume.Driver, volume.Options, volume.Labels);
            return;
        }
        using var source = root.OpenFolder($"volumes/{volume.Name}/_data");
        // 2. A folder of its own.
        if (volume.Options.Count == 0)
        {
            using var draft = volumes.Draft(volume.Name, volume.Labels);
            using (var target = FileOpener.Open(draft.Folder, OpenFlags.ReadOnly | OpenFlags.Directory))
                await Task.Run(() => TreeCopier.Copy(source, target));
            draft.Publish();
            return;
        }
        // 3. One with a limit.
        volumes.GetOrCreate(volume.Name, volume.Driver, volume.Options, volume.Labels);
        try
        {
            await mounts.FillAsync(volume.Name, target => Task.Run(() => TreeCopier.Copy(source, target)));
        }
        catch
        {
            volumes.Remove(volume.Name, force: true);
            throw;
        }
    }

    private DockerVolume Describe(string name, JsonElement? document)
    {
        var options = root.TryReadJson($"volumes/{name}/opts.json") is { } file ? LocalOptions(file) : document?.Texts("Options");
        return new DockerVolume(name, document?.Text("Driver") ?? Volume.LocalDriver, options ?? new Dictionary<string, string>(), document?.Texts("Labels"));
    }

    /// <summary>What docker's driver was told, as it keeps it for itself.</summary>
    private static Dictionary<string, string> LocalOptions(JsonElement file)
    {
        var options = new Dictionary<string, string>();
        foreach (var (property, option) in ((string, string)[])[("MountType", "type"), ("MountOpts", "o"), ("MountDevice", "device")])
        {
            if (file.Text(property) is { } value)
                options[option] = value;
        }
        if (file.Member("Quota") is { } quota && quota.Member("Size") is { ValueKind: JsonValueKind.Number } size && size.TryGetInt64(out var bytes)
            && bytes > 0)
            options["size"] = bytes.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return options;
    }

    private (Dictionary<string, JsonElement> Documents, string? Problem) ReadDocuments()
    {
        var documents = new Dictionary<string, JsonElement>();
        try
        {
            if (root.TryRead(ListPath) is not { } content)
                return (documents, $"{ListPath} is not there");
            foreach (var (key, value) in new BoltFile(content).ReadBucket("volumes"u8))
            {
                if (DockerJson.TryParse(value) is { } document)
                    documents[KernelPath.ToText(key)] = document;
            }
            return (documents, null);
        }
        catch (Exception error) when (error is InvalidDataException or GantryException or OsException)
        {
            return (documents, $"{ListPath}: {error.Message}");
        }
    }
}
