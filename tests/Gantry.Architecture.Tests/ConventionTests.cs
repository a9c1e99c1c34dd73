using System.Reflection;
using System.Text.RegularExpressions;

namespace Gantry.Architecture.Tests;

public partial class ConventionTests
{
    public static TheoryData<string> Assemblies => new(CompiledAssembly.Names);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_namespace_or_type_is_a_drawer_for_everything(string project)
    {
        using var assembly = new CompiledAssembly(project);
        Findings.None(assembly.WrittenTypes.Select(written => written.Name).Where(name => name.Split('.').Any(part => Drawer().IsMatch(part))));
    }

    [Fact]
    public void No_folder_or_file_is_a_drawer_for_everything()
    {
        var paths = Repository.Sources().Concat(Repository.TestSources()).Select(source => source.Path);
        Findings.None(paths.Where(path => Path.ChangeExtension(path, null).Split('/').Any(part => Drawer().IsMatch(part))));
    }

    /// <summary>
    /// State belongs to objects that are passed to those who need it: two engines live in one process in the tests. What runs before
    /// <c>Main</c>, in place of functions of C, has no objects.
    /// </summary>
    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_static_field_can_change(string project)
    {
        using var assembly = new CompiledAssembly(project);
        var metadata = assembly.Metadata;
        var mutable = from written in assembly.WrittenTypes
                      from handle in written.Type.GetFields()
                      let field = metadata.GetFieldDefinition(handle)
                      where !written.Name.StartsWith("Gantry.Os.Starting.", StringComparison.Ordinal)
                      where (field.Attributes & FieldAttributes.Static) != 0 && (field.Attributes & (FieldAttributes.InitOnly | FieldAttributes.Literal)) == 0
                      select $"{written.Name}.{metadata.GetString(field.Name)}";
        Findings.None(mutable);
    }

    [Fact]
    public void Nothing_looks_at_types_at_run_time() => AssertNowhere(Reflection());

    [Fact]
    public void Nothing_is_left_undone() => AssertNowhere(Undone());

    [Fact]
    public void No_test_is_skipped()
    {
        var found = from source in Repository.TestSources()
                    from line in source.CodeLines()
                    where Skipped().IsMatch(line.Code)
                    select $"{source.Path}:{line.Line}: {line.Code.Trim()}";
        Findings.None(found);
    }

    private static void AssertNowhere(Regex pattern)
    {
        var found = from source in Repository.Sources()
                    from line in source.Text.Split('\n').Select((text, index) => (text, index))
                    where pattern.IsMatch(line.text)
                    select $"{source.Path}:{line.index + 1}: {line.text.Trim()}";
        Findings.None(found);
    }

    /// <summary>NetHelper is the name of a program, <c>gantry-runtime nethelper</c>.</summary>
    [GeneratedRegex("^(Utils?|Utilit(y|ies)|Helpers?|Common|Misc|Shared)$|(Utils|(?<!^Net)Helpers?|Utilities)$")]
    private static partial Regex Drawer();

    [GeneratedRegex(
        @"System\.Reflection\.Emit|\bBindingFlags\b|\bActivator\.CreateInstance|\bMakeGeneric(Type|Method)\b|\bInvokeMember\(|(typeof\([^)]*\)|GetType\(\))\.Get(Method|Propert|Field|Member|Constructor)|\bdynamic\s+\w+\s*=|System\.Linq\.Expressions")]
    private static partial Regex Reflection();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b|\bNotImplementedException\b")]
    private static partial Regex Undone();

    [GeneratedRegex(@"\b(Skip|SkipWhen|SkipUnless)\s*=")]
    private static partial Regex Skipped();
}
