using System.Text;
using System.Text.Json;
using Gantry.Build.Exporters;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.Build.Attestations;

/// <summary>
/// Finds the packages in an image's files: those of dpkg and apk by their databases, of Python by the metadata of installed distributions, of npm by
/// <c>package.json</c> below <c>node_modules</c>. Files are an image's, so nothing of them is trusted to be well-formed; what cannot be read is passed over.
/// </summary>
/// <param name="files">The files.</param>
internal sealed class PackageScanner(ResultFiles files)
{
    private const int MostBytes = 64 << 20;
    private readonly List<SoftwarePackage> _found = [];
    private (string Id, string Version) _system;

    /// <summary>All packages, by name.</summary>
    public IReadOnlyList<SoftwarePackage> Scan()
    {
        _system = ReadSystem();
        foreach (var file in files.Walk())
        {
            if (file.Kind != FileKind.Regular || file.Size > MostBytes)
                continue;
            if (file.Path == "var/lib/dpkg/status"
                || (file.Path.StartsWith("var/lib/dpkg/status.d/", StringComparison.Ordinal) && !file.Path.EndsWith(".md5sums", StringComparison.Ordinal)))
                ReadDebian(file);
            else if (file.Path is "lib/apk/db/installed" or "usr/lib/apk/db/installed")
                ReadAlpine(file);
            else if (file.Path.EndsWith(".dist-info/METADATA", StringComparison.Ordinal) || file.Path.EndsWith(".egg-info/PKG-INFO", StringComparison.Ordinal))
                ReadPython(file);
            else if (file.Path.EndsWith("/package.json", StringComparison.Ordinal) && IsModule(file.Path))
                ReadNode(file);
        }
        return [.. _found.DistinctBy(package => (package.Url, package.Source)).OrderBy(package => package.Name, StringComparer.Ordinal)
            .ThenBy(package => package.Url, StringComparer.Ordinal)];
    }

    private void ReadDebian(ResultFile file)
    {
        foreach (var record in Records(file))
        {
            // What is removed but for its configuration has a record, too.
            if (record.GetValueOrDefault("Status", "install ok installed") is var status && !status.EndsWith(" installed", StringComparison.Ordinal))
                continue;
            if (!record.TryGetValue("Package", out var name) || !record.TryGetValue("Version", out var version))
                continue;
            _found.Add(new SoftwarePackage(name, version,
                PackageUrl.Of("deb", System("debian"), name, version, ("arch", record.GetValueOrDefault("Architecture", "")), ("distro", Distribution)))
            {
                Supplier = record.GetValueOrDefault("Maintainer", ""), Source = "/" + file.Path,
            });
        }
    }

    private void ReadAlpine(ResultFile file)
    {
        foreach (var record in Records(file))
        {
            if (!record.TryGetValue("P", out var name) || !record.TryGetValue("V", out var version))
                continue;
            _found.Add(new SoftwarePackage(name, version,
                PackageUrl.Of("apk", System("alpine"), name, version, ("arch", record.GetValueOrDefault("A", "")), ("distro", Distribution)))
            {
                License = record.GetValueOrDefault("L", ""), Supplier = record.GetValueOrDefault("m", ""), Source = "/" + file.Path,
            });
        }
    }

    private void ReadPython(ResultFile file)
    {
        var head = Records(file).FirstOrDefault() ?? [];
        if (head.TryGetValue("Name", out var name) && head.TryGetValue("Version", out var version))
        {
            _found.Add(new SoftwarePackage(name, version, PackageUrl.Of("pypi", "", name.ToLowerInvariant().Replace('_', '-'), version))
            {
                License = head.GetValueOrDefault("License-Expression", head.GetValueOrDefault("License", "")), Supplier = head.GetValueOrDefault("Author", ""),
                Source = "/" + file.Path,
            });
        }
    }

    private void ReadNode(ResultFile file)
    {
        try
        {
            using var content = files.Open(file);
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "name") is not { Length: > 0 } name
                || Text(root, "version") is not { Length: > 0 } version)
                return;
            var slash = name.StartsWith('@') ? name.IndexOf('/', StringComparison.Ordinal) : -1;
            var url = slash > 0 ? PackageUrl.Of("npm", name[..slash], name[(slash + 1)..], version) : PackageUrl.Of("npm", "", name, version);
            _found.Add(new SoftwarePackage(name, version, url) { License = Text(root, "license") ?? "", Source = "/" + file.Path });
        }
        catch (JsonException)
        {
            // It is no description of a package.
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whether a folder is a module itself: <c>node_modules/name</c> or <c>node_modules/@scope/name</c>.</summary>
    private static bool IsModule(string path)
    {
        var folders = path.Split('/')[..^1];
        return folders.Length >= 2 && (folders[^2] == "node_modules" || (folders.Length >= 3 && folders[^3] == "node_modules" && folders[^2].StartsWith('@')));
    }

    private (string Id, string Version) ReadSystem()
    {
        try
        {
            var values = Lines(files.Find("/etc/os-release")).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.First()[1].Trim('"', '\''));
            return (values.GetValueOrDefault("ID", ""), values.GetValueOrDefault("VERSION_ID", ""));
        }
        catch (GantryException error) when (error.Kind == ErrorKind.NotFound)
        {
            return ("", "");
        }
    }

    private string System(string absent) => _system.Id.Length > 0 ? _system.Id : absent;

    private string Distribution => _system.Id.Length == 0 ? "" : _system.Version.Length == 0 ? _system.Id : $"{_system.Id}-{_system.Version}";

    /// <summary>
    /// Records of <c>Key: value</c> with empty lines between them. Lines that go on are passed over: nothing that is wanted is longer than one.
    /// </summary>
    private IEnumerable<Dictionary<string, string>> Records(ResultFile file)
    {
        var record = new Dictionary<string, string>();
        foreach (var line in Lines(file))
        {
            if (line.Length == 0)
            {
                if (record.Count > 0)
                    yield return record;
                record = [];
                continue;
            }
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] is not (' ' or '\t'))
                record.TryAdd(line[..colon], line[(colon + 1)..].Trim());
        }
        if (record.Count > 0)
            yield return record;
    }

    private IEnumerable<string> Lines(ResultFile file)
    {
        using var reader = new StreamReader(files.Open(file), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
