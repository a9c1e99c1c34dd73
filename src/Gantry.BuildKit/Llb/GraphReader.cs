using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.BuildKit.Sessions;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Llb;

/// <summary>
/// Reads a graph that a client sends (<c>pb.Definition</c>): operations that name each other by digests, with what they are called beside them. What the
/// builder does not do is refused by name; nothing is left out silently.
/// </summary>
/// <param name="definition">The graph.</param>
/// <param name="contexts">Is told the folders that it names.</param>
/// <param name="images">Finds the images that it names.</param>
/// <param name="takeResult">Finds the results of builds here that it names.</param>
internal sealed class GraphReader(byte[] definition, GraphContexts contexts, IImageResolver images, Func<string, Task<Node?>> takeResult)
{
    private const int MostOperations = 100_000;
    private readonly Dictionary<string, byte[]> _operations = [];
    private readonly Dictionary<string, VertexNotes> _notes = [];
    private readonly Dictionary<string, Node?> _nodes = [];
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
                _nodes[digest] = await MakeAsync(operation, digest, cancellation);
        }
        return Find(result, "the result");
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

    private async Task<Node?> MakeAsync(LlbOperation operation, string digest, CancellationToken cancellation)
    {
        var notes = _notes.GetValueOrDefault(digest) ?? new VertexNotes();
        var inputs = operation.Inputs.ConvertAll(input => Find(input, digest));
        return operation.Kind switch
        {
            LlbKind.Source => await SourceAsync(operation, notes, cancellation),
            LlbKind.Exec => new ExecReader(operation, inputs).Read(notes.Label),
            LlbKind.File => new FileReader(operation, inputs).Read(notes.Label),
            LlbKind.Merge => new Node(new MergeOperation(), inputs, notes.Label("merge")),
            LlbKind.Diff => new Node(new DiffOperation(), inputs, notes.Label("diff")),
            _ => throw GantryException.NotImplemented("nested builds (BuildOp) are not implemented in this version of Gantry"),
        };
    }

    private Node? Find(LlbInput input, string by)
    {
        if (!_nodes.TryGetValue(input.Digest, out var node))
            throw GantryException.Invalid($"invalid definition: {by} stands on {input.Digest}, which is not before it");
        if (input.Index == 0 || node is null)
            return node;
        throw GantryException.NotImplemented("results of mounts are not implemented in this version of Gantry: only that of the root is");
    }

    private async Task<Node?> SourceAsync(LlbOperation operation, VertexNotes notes, CancellationToken cancellation)
    {
        var (identifier, attributes) = operation.ReadSource();
        var (scheme, place) = identifier.IndexOf("://", StringComparison.Ordinal) is var at and > 0 ? (identifier[..at], identifier[(at + 3)..])
            : throw GantryException.Invalid($"failed to parse source {identifier}");
        switch (scheme)
        {
            case "docker-image":
                var platform = operation.Platform ?? Platform.Host;
                var image = await images.ResolveAsync(place, platform, cancellation);
                return new Node(new ImageSource(ImageReference.Parse(place).WithDefaultTag().ToString(), platform, image.Id), [], notes.Label(identifier));
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
                var name = attributes.GetValueOrDefault("http.filename") is { Length: > 0 } given ? given : Path.GetFileName(new Uri(identifier).AbsolutePath);
                var checksum = attributes.GetValueOrDefault("http.checksum") is { Length: > 0 } sum ? Digest.Parse(sum) : default;
                return new Node(new HttpSource(identifier, name.Length > 0 ? name : "download", checksum), [], notes.Label(identifier));
            case "git":
                return new Node(Git(place, attributes), [], notes.Label(identifier));
            default:
                throw GantryException.NotImplemented($"the source {identifier} is not implemented in this version of Gantry");
        }
    }

    private static GitSource Git(string place, Dictionary<string, string> attributes)
    {
        var parts = place.Split('#', 2);
        var fragment = parts.Length > 1 ? parts[1].Split(':', 2) : [""];
        return new GitSource(
            attributes.GetValueOrDefault("git.fullurl") is { Length: > 0 } url ? url : $"https://{parts[0]}", fragment[0], fragment.Length > 1 ? fragment[1] : "",
            attributes.GetValueOrDefault("git.keepgitdir") == "true", attributes.GetValueOrDefault("git.checksum") ?? "");
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
