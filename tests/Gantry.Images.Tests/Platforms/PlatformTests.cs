using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Platforms;

/// <summary>Images for several platforms, with attestations.</summary>
public sealed class PlatformTests : IDisposable
{
    private static readonly Platform Arm = Platform.Parse("linux/arm64");
    private static readonly Platform S390 = Platform.Parse("linux/s390x");
    private static readonly byte[] Mine = Archives.Layer(("arch", "mine\n"));
    private static readonly byte[] Other = Archives.Layer(("arch", "other\n"));
    private readonly ImageWorld _world = new();
    private readonly ImageWorld _second = new();
    private readonly Descriptor _mine;
    private readonly Descriptor _arm;
    private readonly Descriptor _attestation;
    private readonly Descriptor _index;
    private readonly byte[] _archive;

    public PlatformTests()
    {
        var layout = new OciLayout();
        _mine = layout.AddImage(Archives.Config([Mine]), (Archives.Gzip(Mine), MediaTypes.OciLayerGzip)) with { Platform = Platform.Host };
        _arm = layout.AddImage(Archives.Config([Other], "armsh", "arm64"), (Other, MediaTypes.OciLayer)) with { Platform = Arm };
        _attestation = layout.AddImage(Archives.Config([], "att"), []) with
        {
            Platform = new Platform { Os = "unknown", Architecture = "unknown" },
            Annotations = new Dictionary<string, string>
            {
                [Annotations.DockerReferenceType] = "attestation-manifest", [Annotations.DockerReferenceDigest] = _arm.Digest.ToString(),
            },
        };
        _index = layout.AddIndex(_mine, _arm, _attestation);
        layout.Index.Add(OciLayout.Named(_index, "docker.io/library/multi:1"));
        _archive = layout.ToTar();
    }

    public void Dispose()
    {
        _world.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task All_platforms_are_listed_and_each_can_be_looked_at()
    {
        var image = Assert.Single(await _world.LoadAsync(_archive));
        Assert.Equal(_index.Digest, image.Target.Digest);
        var states = Lister(_world).List(image);
        Assert.Equal([_mine.Digest, _arm.Digest, _attestation.Digest], states.Select(state => state.Descriptor.Digest));
        Assert.Equal([ImageManifestKind.Image, ImageManifestKind.Image, ImageManifestKind.Attestation], states.Select(state => state.Kind));
        Assert.All(states, state => Assert.True(state.IsAvailable));
        Assert.Equal([5, 0, 0], states.Select(state => state.UnpackedSize));
        Assert.Equal(_arm.Digest, states[2].AttestationFor);

        var arm = _world.Store.Resolve("multi:1", Arm);
        Assert.Equal("armsh", arm.Config.Config!.Cmd![0]);
        Assert.Equal(["multi:1"], arm.RepoTags);
        Assert.Equal(image.Id, _world.Store.Resolve("multi:1", Platform.Host).Id);
        Assert.Contains("does not match the specified platform (linux/s390x)",
            Assert.Throws<GantryException>(() => _world.Store.Resolve("multi:1", S390)).Message, StringComparison.Ordinal);
        Assert.Equal("layer 0", new ImageHistoryReader(_world.Store).Read("multi:1", Arm)[^1].CreatedBy);
        await _world.Unpacker.EnsureUnpackedAsync(arm);
        Assert.Equal("other\n", _world.ReadFile(arm, "arch"));
    }

    [Fact]
    public async Task One_platform_of_an_archive_is_loaded_and_the_others_are_not_there()
    {
        var image = Assert.Single(await _world.LoadAsync(_archive, Arm));
        Assert.Equal("armsh", image.Config.Config!.Cmd![0]);
        Assert.Equal(_index.Digest, image.Target.Digest);
        Assert.Equal([false, true, true], Lister(_world).List(image).Select(state => state.IsAvailable));
        Assert.False(_world.Content.Contains(_mine.Digest));
        await Assert.ThrowsAsync<GantryException>(() => _world.LoadAsync(_archive, S390));

        // The rest can come later, and what is there stays there.
        image = Assert.Single(await _world.LoadAsync(_archive, Platform.Host));
        Assert.Equal("sh", image.Config.Config!.Cmd![0]);
        Assert.Equal([true, true, true], Lister(_world).List(image).Select(state => state.IsAvailable));
        Assert.Equal("sh", _world.Store.Resolve("multi:1").Config.Config!.Cmd![0]);
        _world.Restart();
        Assert.Equal("sh", _world.Store.Resolve("multi:1").Config.Config!.Cmd![0]);
    }

    [Fact]
    public async Task A_platform_that_does_not_exist_leaves_nothing()
    {
        await Assert.ThrowsAsync<GantryException>(() => _world.LoadAsync(_archive, S390));
        Assert.Equal((0, 0, ""), _world.Contents());
    }

    [Fact]
    public async Task Platforms_are_saved_alone_some_or_all()
    {
        await _world.LoadAsync(_archive);
        var all = Assert.Single(await _second.LoadAsync(await SaveAsync()));
        Assert.Equal([true, true, true], Lister(_second).List(all).Select(state => state.IsAvailable));
        _second.Remover.Remove("multi:1");

        var arm = Assert.Single(await _second.LoadAsync(await SaveAsync(Arm)));
        Assert.Equal((_arm.Digest, "armsh"), (arm.Target.Digest, arm.Config.Config!.Cmd![0]));
        Assert.Equal(["multi:1"], arm.RepoTags);
        _second.Remover.Remove("multi:1");

        var both = Assert.Single(await _second.LoadAsync(await SaveAsync(Arm, Platform.Host)));
        Assert.Equal(_index.Digest, both.Target.Digest);
        Assert.Contains("no suitable export target found for platform linux/s390x", (await Assert.ThrowsAsync<GantryException>(() => SaveAsync(S390))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_platform_is_removed_and_with_the_last_one_the_image()
    {
        var image = Assert.Single(await _world.LoadAsync(_archive));
        var remover = new ImagePlatformRemover(_world.Store, Lister(_world), _world.Remover, _world.Users);
        Assert.Throws<GantryException>(() => remover.Remove("multi:1", [S390], force: false));
        var armId = _world.Store.Resolve("multi:1", Arm).Id;
        _world.UsersById[armId.ToString()] = [new ImageUser("c0ffee", Running: false)];
        Assert.Contains("must be forced", Assert.Throws<GantryException>(() => remover.Remove("multi:1", [Arm], force: false)).Message,
            StringComparison.Ordinal);

        Assert.Equal([_arm.Digest.ToString(), _attestation.Digest.ToString()], remover.Remove("multi:1", [Arm], force: true).Select(item => item.Deleted));
        Assert.Equal([true, false, false], Lister(_world).List(_world.Store.Resolve("multi:1")).Select(state => state.IsAvailable));
        Assert.Equal("mine\n", _world.ReadFile(image, "arch"));
        Assert.Equal("multi:1", remover.Remove("multi:1", [Platform.Host], force: false)[0].Untagged);
        Assert.Equal((0, 0, ""), _world.Contents());
    }

    private static ImageManifestLister Lister(ImageWorld world) => new(world.Store, world.Snapshotter);

    private async Task<byte[]> SaveAsync(params Platform[] platforms)
    {
        var output = new MemoryStream();
        await new ImageSaver(_world.Store).SaveAsync(["multi:1"], output, platforms);
        return output.ToArray();
    }
}
