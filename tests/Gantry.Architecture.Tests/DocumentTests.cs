using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gantry.Architecture.Tests;

/// <summary>The documents say what the tree shows.</summary>
public partial class DocumentTests
{
    public static TheoryData<string> Projects => new(Repository.Projects);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Placement_tells_what_goes_into_a_project(string project) =>
        Assert.Contains($"`{project}`", Repository.Text("docs", "placement.md"), StringComparison.Ordinal);

    [Fact]
    public void Every_package_is_justified()
    {
        var justified = Repository.Text("docs", "dependencies.md");
        var packages = XDocument.Parse(Repository.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => (string)package.Attribute("Include")!);
        Findings.None(packages.Where(package => !justified.Contains($"`{package}`", StringComparison.Ordinal)));
    }

    /// <summary>A version that nothing uses is a dependency that nobody reviews.</summary>
    [Fact]
    public void Every_package_version_is_used()
    {
        var used = Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "tests", "Directory.Build.props"))
            .SelectMany(file => XDocument.Load(file).Descendants("PackageReference")).Select(package => (string)package.Attribute("Include")!).ToHashSet();
        var packages = XDocument.Parse(Repository.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => (string)package.Attribute("Include")!);
        Findings.None(packages.Except(used));
    }

    [Fact]
    public void Every_relative_link_of_the_documents_leads_somewhere()
    {
        var broken = from file in Repository.Files()
                     where file.EndsWith(".md", StringComparison.Ordinal)
                     from match in Link().Matches(File.ReadAllText(file))
                     let target = match.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                         && !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target))
                     select $"{Path.GetRelativePath(Repository.Root, file)}: {target}";
        Findings.None(broken);
    }

    /// <summary>What only the machine of whoever wrote it has: put together here, so that this file is not its own finding.</summary>
    [Fact]
    public void No_file_names_a_machine()
    {
        string[] words = ["/wo" + "rk/", "/opt/pe" + "ers", "sub" + "agent", "/ro" + "ot/.nuget"];
        string[] kinds = [".cs", ".md", ".sh", ".py", ".csproj", ".props", ".proj", ".yml", ".json", ""];
        var found = from file in Repository.Files()
                    where kinds.Contains(Path.GetExtension(file))
                    let text = File.ReadAllText(file)
                    from word in words
                    where text.Contains(word, StringComparison.Ordinal)
                    select $"{Path.GetRelativePath(Repository.Root, file)}: {word}";
        Findings.None(found);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
