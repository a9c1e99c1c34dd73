using System.Text.Json.Nodes;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;

namespace Gantry.Images.Tests.Load;

/// <summary>
/// Image archives that nobody thought of, generated from what hostile ones are made of: each is refused with an error for its sender and leaves
/// nothing, or gives images that can be removed again. The same ones each time.
/// </summary>
public sealed class GeneratedArchiveTests : IDisposable
{
    private const int Archives = 60;

    private static readonly byte[] Layer = Tests.Archives.Layer(("file", "content\n"));

    private readonly ImageWorld _world = new();
    private readonly string _host = Directory.CreateTempSubdirectory("gantry-images-host-").FullName;

    public GeneratedArchiveTests() => File.WriteAllText(Path.Combine(_host, "secret"), "secret");

    public void Dispose()
    {
        Directory.Delete(_host, recursive: true);
        _world.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Refused_without_a_trace_or_loaded(int seed)
    {
        var random = new Random(seed);
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < Archives; i++)
        {
            try
            {
                await _world.LoadAsync(Generate(random));
                loaded++;
                foreach (var image in _world.Store.Images) _world.Remover.Remove(image.Id.ToString(), force: true);
            }
            catch (GantryException error)
            {
                refused++;
                Assert.NotEqual("", error.Message);
            }
            Assert.Equal((0, 0, ""), _world.Contents());
            Assert.Equal([".lock"], Directory.GetFiles(Path.Combine(_world.Root, "content", "ingest")).Select(Path.GetFileName));
            Assert.Equal(["secret"], Directory.GetFileSystemEntries(_host).Select(Path.GetFileName));
            Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(_host, "secret")));
        }
        Assert.InRange(refused, 1, Archives);
        Assert.InRange(loaded, 1, Archives);
    }

    private byte[] Generate(Random random)
    {
        T Pick<T>(params T[] values) => values[random.Next(values.Length)];

        // 1. A whole image, plain or with layers that are hostile themselves.
        var layer = Pick(Layer, Layer, Layer, HostileLayer(random));
        var packed = Pick(layer, Tests.Archives.Gzip(layer));
        var config = Tests.Archives.Config([random.Next(8) > 0 ? layer : Layer]);
        var files = new List<(TarEntry Entry, byte[] Content)>();
        void Add(string name, byte[] content) =>
            files.Add((new TarEntry { Name = Tests.Archives.Bytes(name), Permissions = 0x1a4, Size = content.Length }, content));
        Add("layer.tar", packed);
        Add("config.json", config);

        // 2. What its manifest says, right or not.
        string AnyPath(string right) =>
            random.Next(9) > 0 ? right : Pick("", "/", "..", "../" + right, _host + "/secret", "/etc/passwd", "missing", "link", "./" + right, "a/../" + right,
                "blobs/sha256/" + new string('0', 64), new string('x', 5000));
        var entry = new JsonObject
        {
            ["Config"] = AnyPath("config.json"),
            ["RepoTags"] = Pick<JsonNode?>(new JsonArray("a:1"), new JsonArray("c:1"), new JsonArray("a:1", "b:2"), null, null, new JsonArray("../a:1"),
                new JsonArray("A:1"), new JsonArray(""), new JsonArray((JsonNode?)null), "a:1"),
            ["Layers"] = Pick<JsonNode?>(new JsonArray(AnyPath("layer.tar")), new JsonArray(AnyPath("layer.tar")), new JsonArray(AnyPath("layer.tar")), null,
                new JsonArray("layer.tar", "layer.tar"), new JsonArray(), new JsonObject()),
        };
        Add("manifest.json", Tests.Archives.Bytes(
            Pick<JsonNode>(new JsonArray(entry), new JsonArray(entry.DeepClone()), new JsonArray(entry.DeepClone(), entry.DeepClone()), entry.DeepClone())
            .ToJsonString()));

        // 3. Other entries, before, between and behind.
        for (var count = Math.Max(0, random.Next(4) - 1); count > 0; count--) files.Insert(random.Next(files.Count + 1), HostileEntry(random));
        if (random.Next(4) == 0) files.Add(files[random.Next(files.Count)]);

        // 4. Damage.
        var archive = Tests.Archives.TarOf(files);
        switch (random.Next(8))
        {
            case 0:
                archive = archive[..random.Next(archive.Length)];
                break;
            case 1:
                for (var i = random.Next(1, 5); i > 0; i--) archive[random.Next(archive.Length)] = (byte)random.Next(256);
                break;
        }
        return random.Next(5) == 0 ? Tests.Archives.Gzip(archive) : archive;
    }

    private (TarEntry Entry, byte[] Content) HostileEntry(Random random)
    {
        string[] names = ["layer.tar", "manifest.json", "link", "../x", "/x", "a/../../x", "..", ".", "blobs/sha256/" + new string('a', 64), "blobs/md5/aa",
            "index.json", "oci-layout", _host + "/secret", new string('n', 4000)];
        string[] targets = ["layer.tar", "../x", _host + "/secret", "/etc/passwd", "link", "missing", "../../../../../../etc/passwd"];
        var kinds = Enum.GetValues<TarEntryKind>();
        var entry = new TarEntry { Name = Tests.Archives.Bytes(names[random.Next(names.Length)]), Kind = kinds[random.Next(kinds.Length)],
            Permissions = 0x1ff };
        if (entry.Kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink) entry.LinkName = Tests.Archives.Bytes(targets[random.Next(targets.Length)]);
        var content = entry.Kind == TarEntryKind.File ? Tests.Archives.Bytes(random.Next(2) == 0 ? "{}" : "x") : [];
        entry.Size = content.Length;
        return (entry, content);
    }

    private byte[] HostileLayer(Random random)
    {
        string[] names = ["../x", "d/../../x", "f", "d", "l/x", "l", ".wh..", ".wh...", ".wh..wh..opq", "d/.wh.f"];
        string[] targets = ["../../../..", _host, _host + "/secret", "/", ".", "f"];
        var entries = Enumerable.Range(0, random.Next(1, 5)).Select(_ =>
        {
            var kinds = Enum.GetValues<TarEntryKind>();
            var entry = new TarEntry { Name = Tests.Archives.Bytes(names[random.Next(names.Length)]), Kind = kinds[random.Next(kinds.Length)],
                Permissions = 0x1ff };
            if (entry.Kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink) entry.LinkName = Tests.Archives.Bytes(targets[random.Next(targets.Length)]);
            return (entry, Array.Empty<byte>());
        });
        return Tests.Archives.TarOf(entries);
    }
}
