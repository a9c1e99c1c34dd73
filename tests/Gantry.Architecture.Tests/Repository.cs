using System.Xml.Linq;

namespace Gantry.Architecture.Tests;

/// <summary>The checked-out sources as files: projects, source files, documents.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Names of the projects under <c>src</c>, e.g. <c>Gantry.Os</c>.</summary>
    public static IEnumerable<string> Projects =>
        Directory.EnumerateDirectories(Path.Combine(Root, "src")).Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any())
            .Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    /// <summary>The project file of a project under <c>src</c>.</summary>
    public static XDocument ProjectFile(string project) => XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));

    /// <summary>All source files that are written by hand below <c>src</c>, or below one project of it.</summary>
    public static IEnumerable<SourceFile> Sources(string project = "") => SourceFiles(Path.Combine(Root, "src", project));

    /// <summary>All source files of the tests.</summary>
    public static IEnumerable<SourceFile> TestSources() => SourceFiles(Path.Combine(Root, "tests"));

    /// <summary>Every file that is part of the project, whatever its kind.</summary>
    public static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(file => !IsProduced(file) && !Path.GetRelativePath(Root, file).StartsWith(".git", StringComparison.Ordinal));

    /// <summary>The text of a document below the root.</summary>
    public static string Text(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static IEnumerable<SourceFile> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !IsProduced(file))
            .Select(file => new SourceFile(Path.GetRelativePath(Root, file), File.ReadAllText(file)));

    private static bool IsProduced(string file) =>
        Path.GetRelativePath(Root, file).Split('/') is var parts && (parts[0] is "out" or ".git" || parts.Any(part => part is "bin" or "obj" or "TestResults"));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gantry.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run below the checked-out sources");
        return folder;
    }
}

/// <summary>One source file.</summary>
/// <param name="Path">Its path below the root.</param>
/// <param name="Text">What it holds.</param>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>The text with comments and string literals blanked out, line by line, so that a word in prose is not taken for code.</summary>
    public IEnumerable<(int Line, string Code)> CodeLines()
    {
        var number = 0;
        foreach (var line in Text.Split('\n'))
        {
            number++;
            var code = System.Text.RegularExpressions.Regex.Replace(line, "\"(?:[^\"\\\\]|\\\\.)*\"", "\"\"");
            var comment = code.IndexOf("//", StringComparison.Ordinal);
            yield return (number, comment < 0 ? code : code[..comment]);
        }
    }
}
