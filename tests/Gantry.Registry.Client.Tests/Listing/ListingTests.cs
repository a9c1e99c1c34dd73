using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Registry.Client.Tests.Listing;

public class ListingTests
{
    [Fact]
    public async Task Tags_and_repositories_are_listed_page_by_page()
    {
        await using var world = new RegistryWorld();
        world.Registry.PageSize = 2;
        foreach (var tag in new[] { "a", "b", "c", "d", "e" })
            world.Registry.AddImage("app", tag, [1]);
        Assert.Equal(["a", "b", "c", "d", "e"], await (await world.RepositoryAsync()).ListTagsAsync());
        Assert.Equal(["app"], await world.Client().CatalogAsync(world.Registry.Authority));
    }

    [Fact]
    public async Task Pages_that_do_not_end_are_given_up()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = _ => TestResponse.Text(200, """{"tags":["a"]}""", ("Link", "</v2/app/tags/list?last=a>; rel=\"next\""));
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.ListTagsAsync());
        Assert.Contains("do not end", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_finds()
    {
        await using var world = new RegistryWorld();
        var found = Assert.Single(await world.Client().SearchAsync(world.Registry.Authority, "busy", 25));
        Assert.Equal(("busy", "", 7, true), (found.Name, found.Description, found.StarCount, found.IsOfficial));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Referrers_are_kept_by_the_registry_or_by_a_tag(bool byRegistry)
    {
        await using var world = new RegistryWorld();
        world.Registry.HasReferrers = byRegistry;
        var image = world.Registry.AddImage("app", "v1", [1]);
        var repository = await world.RepositoryAsync();
        Assert.Empty(await repository.ReferrersAsync(image.Digest));
        foreach (var type in new[] { "test/one", "test/two" })
        {
            var signature = ImageDocument.Create(
                new ImageManifest { MediaType = MediaTypes.OciManifest, ArtifactType = type, Config = image, Subject = image });
            await repository.PutManifestAsync(signature.Bytes, MediaTypes.OciManifest, tag: null);
        }
        Assert.Equal(2, (await repository.ReferrersAsync(image.Digest)).Count);
        Assert.Equal("test/two", Assert.Single(await repository.ReferrersAsync(image.Digest, "test/two")).ArtifactType);
        Assert.Equal(!byRegistry, world.Registry.Manifests.ContainsKey($"app:sha256-{image.Digest.Hex}"));
    }
}
