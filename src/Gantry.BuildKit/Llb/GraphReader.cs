using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.BuildKit.Sessions;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.BuildKit.Llb;

/// <summary>
/// Reads a graph that a client sends (<c>pb.Definition</c>): operations that name each other by digests, with what they are called beside them. What the
/// builder does not do is refused by name; nothing is left out silently.
/// </summary>
/// <param name="definition">The graph.</param>
/// <param name="contexts">Is told the folders that it names.</param>
/// <param name="images">Finds the images that it names.</param>
/// <param name="takeResult">Finds the results of builds here that it names.</param>
/// <param name="entitlements">What its processes may do besides.</param>
internal sealed class GraphReader(
    byte[] definition, GraphContexts contexts, IImageResolver images, Func<string, Task<Node?>> takeResult, IReadOnlyCollection<string> entitlements)
{
    private const int MostOperations = 100_000;
    private readonly Dictionary<string, byte[]> _operations = [];
    private readonly Dictionary<string, VertexNotes> _notes = [];
    private readonly Dictionary<string, IReadOnlyList<Node?>> _results = [];
    private byte[]? _last;

    /// <summary>The node that the graph is for; null: no files.</summary>
    /// <exception cref="GantryException">It is malformed, or asks for what is not done.</exception>
    public async Task<Node?> ReadAsync(CancellationToken cancellation)
    {
        Split();
        if (_last is null)
            return null;
        // The last operation does nothing: it names the result.
        var root = new LlbOperation(_last);
        if (root.Kind != LlbKind.None || root.Inputs is not [var result])
            throw GantryException.Invalid("invalid definition: its last operation is no result");
        // Inputs come before those that use them: each is made once, whatever the graph's depth.
        foreach (var (digest, bytes) in _operations)
        {
            var operation = new LlbOperation(bytes);
            if (operation.Kind != LlbKind.None)
                _results[digest] = await MakeAsync(operation, digest, cancellation);
        }
        return Node.AsRoot(Find(result, "the result"));
    }

    private void Split()
    {
        var reader = new ProtoReader(definition);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                _last = reader.Bytes().ToArray();
                _operations[$"sha256:{Convert.ToHexStringLower(SHA256.HashData(_last))}"] = _last;
                if (_operations.Count > MostOperations)
                    throw GantryException.Invalid($"the graph has more than {MostOperations} operations");
            }
            else if (reader.Field == 2)
            {
                var (digest, notes) = reader.Entry();
                _notes[digest] = VertexNotes.Parse(notes);
            }
            else
                reader.Skip();
        }
    }

    private async Task<IReadOnlyList<Node?>> MakeAsync(LlbOperation operation, string digest, CancellationToken cancellation)
    {
        var notes = _notes.GetValueOrDefault(digest) ?? new VertexNotes();
        var inputs = operation.Inputs.ConvertAll(input => Find(input, digest));
        return operation.Kind switch
        {
            LlbKind.Source => [await SourceAsync(operation, notes, cancellation)],
            LlbKind.Exec => new ExecReader(operation, inputs, entitlements).Read(notes.Label),
            LlbKind.File => new FileReader(operation, inputs).Read(notes.Label),
            LlbKind.Merge => [new Node(new MergeOperation(), Chosen(operation, inputs), notes.Label("merge"))],
            LlbKind.Diff => [new Node(new DiffOperation(), Chosen(operation, inputs), notes.Label("diff"))],
            _ => throw GantryException.NotImplemented("nested builds (BuildOp) are not implemented in this version of Gantry"),
        };
    }

    private Node? Find(LlbInput input, string by)
    {
        if (!_results.TryGetValue(input.Digest, out var results))
            throw GantryException.Invalid($"invalid definition: {by} stands on {input.Digest}, which is not before it");
        return input.Index >= 0 && input.Index < results.Count ? results[(int)input.Index]
            : throw GantryException.Invalid($"invalid definition: {by} stands on result {input.Index} of {input.Digest}, which has {results.Count}");
    }

    /// <summary>What is put on each other, or compared: by numbers of inputs, where -1 stands for no files.</summary>
    private static List<Node?> Chosen(LlbOperation operation, List<Node?> inputs) => [.. operation.ReadInputs().Select(number => number == -1 ? null
        : number >= 0 && number < inputs.Count ? Node.AsRoot(inputs[(int)number])
            : throw GantryException.Invalid($"invalid operation: it has no input {number}"))];

    private async Task<Node?> SourceAsync(LlbOperation operation, VertexNotes notes, CancellationToken cancellation)
    {
        var (identifier, attributes) = operation.ReadSource();
        var (scheme, place) = identifier.IndexOf("://", StringComparison.Ordinal) is var at and > 0 ? (identifier[..at], identifier[(at + 3)..])
            : throw GantryException.Invalid($"failed to parse source {identifier}");
        switch (scheme)
        {
            case "docker-image" or "oci-layout":
                Refuse(attributes, "image.layerlimit", "oci.layerlimit");
                var platform = operation.Platform ?? Platform.Host;
                var reference = scheme == "docker-image" ? ImageReference.Parse(place).WithDefaultTag().ToString() : Layout(identifier, attributes);
                var image = await images.ResolveAsync(reference, platform, cancellation);
                return new Node(new ImageSource(reference, platform, image.Id), [], notes.Label(identifier));
            case ResultGraph.Scheme:
                return await takeResult(place);
            case "local":
                var order = new FolderOrder(place)
                {
                    FollowPaths = List(attributes, "local.followpaths"),
                    IncludePatterns = List(attributes, "local.includepattern"),
                    ExcludePatterns = List(attributes, "local.excludepatterns"),
                };
                return new Node(new LocalSource(contexts.Add(order)), [], notes.Label(identifier));
            case "http" or "https":
                Refuse(attributes, "http.header.", "http.authheadersecret");
                var name = attributes.GetValueOrDefault("http.filename") is { Length: > 0 } given ? given : Path.GetFileName(new Uri(identifier).AbsolutePath);
                var checksum = attributes.GetValueOrDefault("http.checksum") is { Length: > 0 } sum ? Digest.Parse(sum) : default;
                var file = new HttpSource(identifier, name.Length > 0 ? name : "download", checksum);
                return new Node(
                    file with { Permissions = Number(attributes, "http.perm", 8) ?? file.Permissions, UserId = Number(attributes, "http.uid") ?? 0,
                        GroupId = Number(attributes, "http.gid") ?? 0 },
                    [], notes.Label(identifier));
            case "git":
                return new Node(Git(place, attributes), [], notes.Label(identifier));
            default:
                throw GantryException.NotImplemented($"the source {identifier} is not implemented in this version of Gantry");
        }
    }

    private static void Refuse(Dictionary<string, string> attributes, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (attributes.Keys.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal)) is { } name)
                throw GantryException.NotImplemented($"the attribute {name} of sources is not implemented in this version of Gantry");
        }
    }

    /// <summary>The client calls a layout by the name of its store, which need not be that of the image.</summary>
    private static string Layout(string identifier, Dictionary<string, string> attributes)
    {
        var layout = LayoutReference.Parse(identifier);
        return $"{LayoutReference.Scheme}{attributes.GetValueOrDefault("oci.store", layout.Name)}{(layout.Digest.IsEmpty ? $":{layout.Tag}" : $"@{layout.Digest}")}";
    }

    private static uint? Number(Dictionary<string, string> attributes, string name, int numberBase = 10)
    {
        if (!attributes.TryGetValue(name, out var text))
            return null;
        try
        {
            return Convert.ToUInt32(text, numberBase);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw GantryException.Invalid($"failed to parse {name}: {text}", error);
        }
    }

    private static GitSource Git(string place, Dictionary<string, string> attributes)
    {
        var parts = place.Split('#', 2);
        var fragment = parts.Length > 1 ? parts[1].Split(':', 2) : [""];
        return new GitSource(new GitReference
        {
            Remote = attributes.GetValueOrDefault("git.fullurl") is { Length: > 0 } url ? url : $"https://{parts[0]}",
            Revision = fragment[0],
            Subfolder = fragment.Length > 1 ? fragment[1].Trim('/') : "",
            KeepsGitFolder = attributes.GetValueOrDefault("git.keepgitdir") == "true",
            Commit = attributes.GetValueOrDefault("git.checksum") ?? "",
            HasSubmodules = attributes.GetValueOrDefault("git.skipsubmodules") != "true",
            HasCommitTimes = attributes.GetValueOrDefault("git.mtime") == "commit",
        });
    }

    /// <summary>A list of texts as a document of JSON.</summary>
    private static List<string> List(Dictionary<string, string> attributes, string name)
    {
        if (attributes.GetValueOrDefault(name) is not { Length: > 0 } text)
            return [];
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(element => element.GetString() ?? "")];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw GantryException.Invalid($"failed to parse {name}: {text}", error);
        }
    }
}

/// <summary>What is said of an operation beside the graph: <c>pb.OpMetadata</c>.</summary>
internal sealed record VertexNotes
{
    public string Name { get; private set; } = "";

    public bool IgnoresCache { get; private set; }

    public static VertexNotes Parse(ReadOnlySpan<byte> bytes)
    {
        var notes = new VertexNotes();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                notes.IgnoresCache = reader.Flag();
            else if (reader.Field == 2 && reader.TextEntry() is ("llb.customname", var name))
                notes.Name = name;
            else if (reader.Field != 2)
                reader.Skip();
        }
        return notes;
    }

    /// <summary>The label of a node.</summary>
    public NodeLabel Label(string name) => new() { Name = Name.Length > 0 ? Name : name, IgnoreCache = IgnoresCache };
}
