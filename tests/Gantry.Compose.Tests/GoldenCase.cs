using System.Text;
using Gantry.Compose.Files;

namespace Gantry.Compose.Tests;

/// <summary>A compose project and what docker compose made of it; <c>eng/record-compose</c> writes them.</summary>
internal sealed class GoldenCase
{
    // Hashes are made of absolute paths too: the files have to lie where they lay when docker read them.
    private const string Work = "/tmp/gantry-compose-golden";

    private readonly Dictionary<string, string> _sections = new(StringComparer.Ordinal);

    private GoldenCase(string name) => Name = name;

    public string Name { get; }

    public string Folder => $"{Work}/{Name}";

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.case").Select(static file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal);

    public static GoldenCase Read(string name)
    {
        var golden = new GoldenCase(name);
        StringBuilder? section = null;
        var key = "";
        foreach (var line in File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name + ".case")).Split('\n'))
        {
            if (line.StartsWith("=== ", StringComparison.Ordinal))
            {
                golden.End(key, section);
                (key, section) = (line[4..], new StringBuilder());
            }
            else
            {
                section?.Append(line).Append('\n');
            }
        }
        // The text ends with the end of a line, after which there is no further line.
        if (section is { Length: > 0 })
            section.Length--;
        golden.End(key, section);
        return golden;
    }

    public string? Expected(string kind) => _sections.GetValueOrDefault(kind);

    /// <summary>Writes the project's files, and loads it with the recorded flags and variables.</summary>
    public T With<T>(Func<ProjectLoader, LoadOptions, T> use)
    {
        try
        {
            foreach (var (file, text) in _sections)
            {
                if (file.StartsWith("expected.", StringComparison.Ordinal) || file is "error" or "args" or "environment")
                    continue;
                Directory.CreateDirectory(Path.GetDirectoryName($"{Folder}/{file}")!);
                File.WriteAllText($"{Folder}/{file}", text);
            }
            Directory.CreateDirectory(Folder);
            var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = "/root", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };
            foreach (var line in (Expected("environment") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                variables[line[..line.IndexOf('=', StringComparison.Ordinal)]] = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
            var context = new LoadContext { CurrentFolder = Folder, Environment = variables, Warn = static _ => { }, ReadInput = static () => "" };
            return use(new ProjectLoader(context), Options());
        }
        finally
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private void End(string key, StringBuilder? section)
    {
        if (section is not null)
            _sections[key] = section.ToString();
    }

    private LoadOptions Options()
    {
        var words = (Expected("args") ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        List<string> Values(string flag) =>
            [.. words.Select((word, index) => (word, index)).Where(pair => pair.word == flag).Select(pair => words[pair.index + 1])];
        return new LoadOptions
        {
            Files = Values("-f"),
            Profiles = Values("--profile"),
            EnvironmentFiles = Values("--env-file"),
            ProjectName = Values("-p").FirstOrDefault() ?? "",
            ProjectFolder = Values("--project-directory").FirstOrDefault() ?? "",
            AllResources = words.Contains("--all-resources"),
        };
    }
}
