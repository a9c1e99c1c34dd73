using System.Security.Cryptography;
using System.Text;
using Gantry.Compose.Files;
using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;

namespace Gantry.Compose.Publishing;

/// <summary>
/// The files of a project that are published: its compose files, what they extend, and when asked to its files of variables; each named by the others by its
/// new name.
/// </summary>
/// <param name="project">The project.</param>
public sealed class ProjectFiles(Project project)
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Template _template = new(name => project.Variables.TryGetValue(name, out var value) ? value : null, warn: null);

    /// <summary>Collects them.</summary>
    /// <param name="withVariables">Whether files of variables are taken along.</param>
    /// <exception cref="ComposeException">A file is missing, is no YAML, or includes others.</exception>
    public IReadOnlyList<PublishedFile> Collect(bool withVariables)
    {
        // 1. The files of the project itself.
        var files = new List<PublishedFile>();
        var extended = new Queue<(string Path, string Name)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in project.Files)
        {
            if (file == "-")
                throw new ComposeException("a project that is read from standard input has no files to publish");
            files.Add(new PublishedFile(PublishedKind.Compose, Path.GetFileName(file), Rewrite(file, project.WorkingFolder, extended, known)));
        }

        // 2. What they extend, and what that extends.
        while (extended.TryDequeue(out var next))
            files.Add(new PublishedFile(PublishedKind.Extended, next.Name, Rewrite(next.Path, Path.GetDirectoryName(next.Path)!, extended, known)));

        // 3. Variables. One that may be missing is left out.
        if (withVariables)
            files.AddRange(_variables.Where(static file => File.Exists(file.Key))
                .Select(static file => new PublishedFile(PublishedKind.Variables, file.Value, File.ReadAllBytes(file.Key))));
        return files;
    }

    private byte[] Rewrite(string file, string folder, Queue<(string Path, string Name)> extended, HashSet<string> known)
    {
        if (!File.Exists(file))
            throw new ComposeException($"open {file}: no such file or directory");
        var text = new FileReferences(File.ReadAllText(file), file).Replace(
            path =>
            {
                var full = Path.GetFullPath(_template.Substitute(path), folder);
                return _variables[full] = NameOf(full, ".env");
            },
            path =>
            {
                var given = _template.Substitute(path);
                var full = Path.GetFullPath(given, folder);
                if (ProjectEnvironment.IsRemote(given) || !File.Exists(full))
                    return null;
                var name = NameOf(full, ".yaml");
                if (known.Add(full))
                    extended.Enqueue((full, name));
                return name;
            });
        return Encoding.UTF8.GetBytes(text);
    }

    // A name that tells nothing of the folders of whoever publishes.
    private static string NameOf(string path, string extension) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path))) + extension;
}
