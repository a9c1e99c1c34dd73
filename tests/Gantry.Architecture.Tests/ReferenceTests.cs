namespace Gantry.Architecture.Tests;

public class ReferenceTests
{
    public static TheoryData<string> Projects => new(Repository.Projects);

    public static TheoryData<string> Assemblies => new(CompiledAssembly.Names);

    [Fact]
    public void Every_project_has_a_row_in_the_table() =>
        Findings.None(Repository.Projects.Except(ReferenceTable.Rows.Keys));

    [Fact]
    public void The_table_has_no_cycle()
    {
        var done = new HashSet<string>();
        void Visit(string project, IReadOnlyList<string> path)
        {
            Assert.False(path.Contains(project), string.Join(" -> ", path.Append(project)));
            if (!done.Contains(project))
                foreach (var next in ReferenceTable.Rows[project]) Visit(next, [.. path, project]);
            done.Add(project);
        }

        foreach (var project in ReferenceTable.Rows.Keys) Visit(project, []);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_references_only_what_the_table_allows(string project)
    {
        var referenced = Repository.ProjectFile(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Findings.None(referenced.Except(ReferenceTable.Rows[project]));
    }

    /// <summary>The compiler notes in an assembly which others it uses: what came along with a reference of a reference shows here.</summary>
    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_uses_only_what_the_table_allows(string project)
    {
        using var assembly = new CompiledAssembly(project);
        Findings.None(assembly.References.Where(name => name.StartsWith("Gantry", StringComparison.Ordinal)).Except(ReferenceTable.Rows[project]));
    }

    [Fact]
    public void Every_project_is_compiled_for_these_tests() => Findings.None(Repository.Projects.Except(CompiledAssembly.Names));

    [Fact]
    public void Every_library_has_a_project_of_tests()
    {
        var libraries = Repository.Projects.Where(project => Repository.ProjectFile(project).Descendants("OutputType").All(type => type.Value != "Exe"));
        Findings.None(libraries.Where(project => !Directory.Exists(Path.Combine(Repository.Root, "tests", project + ".Tests"))));
    }
}
