using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;

namespace Gantry.Architecture.Tests;

/// <summary>Nothing grows into what nobody reads any more. The limits are those at which to look again, not those to aim at.</summary>
public class SizeTests
{
    private const int MostLinesOfFile = 600;
    private const int MostLinesOfMethod = 80;
    private const int MostMethodsOfType = 45;
    private const int MostFieldsOfType = 30;

    /// <summary>Methods that are one table written as a switch: data, whatever their length.</summary>
    private static readonly string[] s_tables = ["Gantry.Os.Errno.get_Text"];

    /// <summary>A type that mirrors the Engine API, one short call for each endpoint, in one file for each group of them: a list, not a hub.</summary>
    private static readonly string[] s_mirrors = ["Gantry.Client.EngineClient"];

    public static TheoryData<string> Assemblies => new(CompiledAssembly.Names);

    [Fact]
    public void No_source_file_is_longer_than_600_lines()
    {
        var tooLong = Repository.Sources().Concat(Repository.TestSources()).Select(source => (source.Path, Lines: source.Text.Count(c => c == '\n')))
            .Where(source => source.Lines > MostLinesOfFile).Select(source => $"{source.Path}: {source.Lines} lines");
        Findings.None(tooLong);
    }

    /// <summary>Only a literal may reach beyond: cutting it up would make it harder to find and to read.</summary>
    [Fact]
    public void No_line_is_wider_than_editors_are_told()
    {
        const string setting = "max_line_length = ";
        var widest = int.Parse(Repository.Text(".editorconfig").Split('\n').First(line => line.StartsWith(setting, StringComparison.Ordinal))[setting.Length..],
            CultureInfo.InvariantCulture);
        var tooWide = from source in Repository.Sources().Concat(Repository.TestSources())
                      from line in TooWide(source, widest)
                      select $"{source.Path}:{line}";
        Findings.None(tooWide);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_method_is_longer_than_80_lines(string project)
    {
        using var assembly = new CompiledAssembly(project);
        // A static constructor spans all tables of its class: data, not steps.
        var tooLong = assembly.MethodSpans().Where(method =>
            method.Lines > MostLinesOfMethod && !method.Method.EndsWith("ctor", StringComparison.Ordinal) && !s_tables.Contains(method.Method))
            .Select(method => $"{method.Method}: {method.Lines} lines");
        Findings.None(tooLong);
    }

    /// <summary>No god object: what has dozens of methods or fields is several services.</summary>
    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_type_has_more_than_a_few_dozen_methods(string project)
    {
        using var assembly = new CompiledAssembly(project);
        var metadata = assembly.Metadata;
        var tooLarge = from written in assembly.WrittenTypes
                       let methods = written.Type.GetMethods().Select(metadata.GetMethodDefinition).Where(method => IsWritten(metadata, method)).Count()
                       where methods > MostMethodsOfType && !s_mirrors.Contains(written.Name)
                       select $"{written.Name}: {methods} methods";
        Findings.None(tooLarge);
    }

    /// <summary>Counts what an object holds besides the data it stands for: properties are what records and wire types consist of.</summary>
    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_type_has_more_than_thirty_fields(string project)
    {
        using var assembly = new CompiledAssembly(project);
        var metadata = assembly.Metadata;
        var tooLarge = from written in assembly.WrittenTypes
                       where (written.Type.Attributes & TypeAttributes.LayoutMask) == 0
                       let fields = written.Type.GetFields().Select(metadata.GetFieldDefinition)
                           .Count(field =>
                               (field.Attributes & FieldAttributes.Static) == 0 && !metadata.GetString(field.Name).Contains('<', StringComparison.Ordinal))
                       where fields > MostFieldsOfType
                       select $"{written.Name}: {fields} fields";
        Findings.None(tooLarge);
    }

    /// <summary>The numbers of lines that are too wide, and not because of a literal.</summary>
    private static IEnumerable<int> TooWide(SourceFile source, int widest)
    {
        var isInRawLiteral = false;
        foreach (var ((number, code), line) in source.CodeLines().Zip(source.Text.Split('\n')))
        {
            var isComment = line.TrimStart().StartsWith("//", StringComparison.Ordinal);
            var delimiters = line.Split("\"\"\"").Length - 1;
            if (line.Length > widest && !isInRawLiteral && delimiters == 0 && (isComment || code.Length > widest * 2 / 3))
                yield return number;
            isInRawLiteral ^= delimiters % 2 == 1;
        }
    }

    private static bool IsWritten(MetadataReader metadata, MethodDefinition method) =>
        (method.Attributes & MethodAttributes.SpecialName) == 0 && !metadata.GetString(method.Name).Contains('<', StringComparison.Ordinal)
            && method.GetImport().Module.IsNil;
}
