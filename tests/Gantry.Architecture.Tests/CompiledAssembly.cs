using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Gantry.Architecture.Tests;

/// <summary>An assembly of the product and its symbols, read as files.</summary>
internal sealed class CompiledAssembly : IDisposable
{
    private readonly PEReader _image;
    private readonly MetadataReaderProvider _symbols;

    public CompiledAssembly(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, FileName(name));
        _image = new PEReader(File.OpenRead(file));
        _symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(file, ".pdb")));
        Metadata = _image.GetMetadataReader();
        Symbols = _symbols.GetMetadataReader();
    }

    /// <summary>The product's assemblies beside the tests.</summary>
    public static IEnumerable<string> Names =>
        Repository.Projects.Where(project => File.Exists(Path.Combine(AppContext.BaseDirectory, FileName(project))));

    public MetadataReader Metadata { get; }

    public MetadataReader Symbols { get; }

    public IEnumerable<string> References => Metadata.AssemblyReferences.Select(handle => Metadata.GetString(Metadata.GetAssemblyReference(handle).Name));

    /// <summary>Types that somebody wrote: neither closures and state machines of the compiler nor what a source generator made.</summary>
    public IEnumerable<(string Name, TypeDefinition Type)> WrittenTypes =>
        from handle in Metadata.TypeDefinitions
        let type = Metadata.GetTypeDefinition(handle)
        where !IsGenerated(type)
        select (FullName(type), type);

    /// <summary>Methods with the lines they span in their source file; what a source generator wrote is left out.</summary>
    public IEnumerable<(string Method, string File, int Lines)> MethodSpans()
    {
        foreach (var handle in Metadata.MethodDefinitions)
        {
            var points = Symbols.GetMethodDebugInformation(handle).GetSequencePoints().Where(point => !point.IsHidden).ToList();
            if (points.Count == 0) continue;
            var file = Symbols.GetString(Symbols.GetDocument(points[0].Document).Name);
            if (file.Contains("/obj/", StringComparison.Ordinal) || file.EndsWith(".g.cs", StringComparison.Ordinal)) continue;
            var method = Metadata.GetMethodDefinition(handle);
            var name = FullName(Metadata.GetTypeDefinition(method.GetDeclaringType())) + "." + Metadata.GetString(method.Name);
            yield return (name, file, points.Max(point => point.EndLine) - points.Min(point => point.StartLine) + 1);
        }
    }

    /// <summary>The two programs have their command's name.</summary>
    private static string FileName(string project) => project switch
    {
        "Gantry" => "gantry.dll",
        "Gantry.Runtime.Cli" => "gantry-runtime.dll",
        _ => project + ".dll",
    };

    public void Dispose()
    {
        _symbols.Dispose();
        _image.Dispose();
    }

    private string FullName(TypeDefinition type)
    {
        var name = Metadata.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil) return FullName(Metadata.GetTypeDefinition(type.GetDeclaringType())) + "." + name;
        var space = Metadata.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    private bool IsGenerated(TypeDefinition type)
    {
        if (Metadata.GetString(type.Name).Contains('<', StringComparison.Ordinal)) return true;
        if (type.GetCustomAttributes().Select(AttributeName).Any(name => name is "GeneratedCodeAttribute" or "CompilerGeneratedAttribute")) return true;
        return !type.GetDeclaringType().IsNil && IsGenerated(Metadata.GetTypeDefinition(type.GetDeclaringType()));
    }

    private string AttributeName(CustomAttributeHandle handle)
    {
        var constructor = Metadata.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind != HandleKind.MemberReference) return "";
        var parent = Metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return parent.Kind == HandleKind.TypeReference ? Metadata.GetString(Metadata.GetTypeReference((TypeReferenceHandle)parent).Name) : "";
    }
}
