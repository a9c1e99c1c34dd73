using System.Reflection.Metadata;
using System.Text.RegularExpressions;

namespace Gantry.Architecture.Tests;

/// <summary>Everything that can corrupt memory is in one project.</summary>
public partial class UnsafeCodeTests
{
    public static TheoryData<string> SafeProjects => new(Repository.Projects.Where(project => project != "Gantry.Os"));

    public static TheoryData<string> SafeAssemblies => new(CompiledAssembly.Names.Where(name => name != "Gantry.Os"));

    [Theory]
    [MemberData(nameof(SafeProjects))]
    public void Only_Os_may_compile_unsafe_code(string project) =>
        Findings.None(Repository.ProjectFile(project).Descendants("AllowUnsafeBlocks").Select(element => element.ToString()));

    [Theory]
    [MemberData(nameof(SafeProjects))]
    public void Only_Os_calls_native_code(string project)
    {
        var found = from source in Repository.Sources(project)
                    from line in source.CodeLines()
                    where NativeCode().IsMatch(line.Code)
                    select $"{source.Path}:{line.Line}: {line.Code.Trim()}";
        Findings.None(found);
    }

    [Theory]
    [MemberData(nameof(SafeAssemblies))]
    public void Only_Os_imports_native_functions(string project)
    {
        using var assembly = new CompiledAssembly(project);
        var imports = from handle in assembly.Metadata.MethodDefinitions
                      let method = assembly.Metadata.GetMethodDefinition(handle)
                      where !method.GetImport().Module.IsNil
                      select assembly.Metadata.GetString(method.Name);
        Findings.None(imports);
    }

    [Fact]
    public void Os_never_logs()
    {
        var found = from source in Repository.Sources("Gantry.Os")
                    from line in source.CodeLines()
                    where Logging().IsMatch(line.Code)
                    select $"{source.Path}:{line.Line}: {line.Code.Trim()}";
        Findings.None(found);
    }

    [GeneratedRegex(@"\bunsafe\b|\bDllImport\b|\bLibraryImport\b|\bdelegate\s*\*|\bNativeLibrary\b|\bMarshal\.")]
    private static partial Regex NativeCode();

    [GeneratedRegex(@"\bILogger\b|\bConsole\.|\bTrace\.Write|\bDebug\.Write")]
    private static partial Regex Logging();
}
