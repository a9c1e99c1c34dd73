using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Exporters;

/// <summary>A file of an output.</summary>
/// <param name="Path">Where it is in the output, relative.</param>
/// <param name="Of">The files that it belongs to.</param>
/// <param name="File">The file; null: the folder of a platform.</param>
public sealed record OutputFile(string Path, ResultFiles Of, ResultFile? File);

/// <summary>The files of an output: those of one build, or of several for a platform each.</summary>
public sealed class OutputFiles : IDisposable
{
    private readonly List<(Platform Platform, string Folder, ResultFiles Files)> _all = [];

    /// <summary>The folder of each build, empty for the output's root, and what is in it.</summary>
    public IReadOnlyList<(string Folder, ResultFiles Files)> Folders => _all.ConvertAll(one => (one.Folder, one.Files));

    /// <summary>All files: each folder right before what is in it, names in ordinal order. A folder that several builds have is there once.</summary>
    public IEnumerable<OutputFile> Walk()
    {
        var files = _all.SelectMany(static one => Walk(one.Folder, one.Files));
        // A slash comes before all that names are made of.
        return _all.Count < 2 ? files : files.OrderBy(static file => file.Path.Replace('/', '\0'), StringComparer.Ordinal).DistinctBy(static file => file.Path);
    }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(static one => one.Files.Dispose());

    internal ResultFiles Add(Platform platform, string folder, ResultFiles files)
    {
        _all.Add((platform, folder, files));
        return files;
    }

    /// <exception cref="GantryException">Two builds have a file in the same place.</exception>
    internal void Check()
    {
        if (_all.Count < 2 || _all.Exists(one => one.Folder.Length > 0))
            return;
        var places = new Dictionary<string, Platform>();
        foreach (var (platform, _, files) in _all)
        {
            foreach (var file in files.Walk().Where(file => file.Kind != FileKind.Directory))
            {
                if (!places.TryAdd(file.Path, platform))
                    throw GantryException.Invalid($"cannot overwrite {file.Path} from {places[file.Path]} with {platform} when split option is disabled");
            }
        }
    }

    private static IEnumerable<OutputFile> Walk(string folder, ResultFiles files)
    {
        if (folder.Length > 0)
            yield return new OutputFile(folder, files, null);
        foreach (var file in files.Walk())
            yield return new OutputFile(folder.Length > 0 ? $"{folder}/{file.Path}" : file.Path, files, file);
    }
}
