using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Store;

public sealed class ImageUseTests : IDisposable
{
    private static readonly byte[] Layer = Archives.Layer(("file", "content\n"));
    private static readonly ObjectFilters UnusedFor72Hours = ObjectFilters.Of(("dangling", "false"), ("unused-for", "72h"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private async Task<Image> LoadAsync(string name) => Assert.Single(await _world.LoadAsync(Archives.Docker([name], Archives.Config([Layer], name), Layer)));

    private DateTimeOffset? LastUsed(Image image) => _world.Store.Use.LastUsed(image.Id);

    private void Pass(TimeSpan time) => _world.Clock.Now += time;

    [Fact]
    public async Task Load_tag_and_save_are_uses()
    {
        var image = await LoadAsync("a:1");
        Assert.Equal(_world.Clock.Now, LastUsed(image));
        Pass(TimeSpan.FromHours(1));
        new ImageTagger(_world.Store).Tag("a:1", "a:2");
        Assert.Equal(_world.Clock.Now, LastUsed(image));
        Pass(TimeSpan.FromHours(1));
        await new ImageSaver(_world.Store).SaveAsync(["a:1"], Stream.Null);
        Assert.Equal(_world.Clock.Now, LastUsed(image));
    }

    [Fact]
    public async Task Looking_is_no_use()
    {
        var image = await LoadAsync("a:1");
        var used = LastUsed(image);
        Pass(TimeSpan.FromHours(1));
        _world.Store.Resolve("a:1");
        new ImageLister(_world.Store).List(ObjectFilters.None);
        Assert.Equal(used, LastUsed(image));
    }

    [Fact]
    public async Task Uses_outlast_a_restart_and_a_crash_after_the_next_write()
    {
        var image = await LoadAsync("a:1");
        Assert.Equal(1, _world.Clock.FireTimers());
        Assert.Contains(image.Id.ToString(), await File.ReadAllTextAsync(_world.UsePath), StringComparison.Ordinal);
        Pass(TimeSpan.FromHours(1));
        _world.Store.Use.Touch(image.Id);
        _world.Store.Use.Touch(image.Id);
        _world.Restart();
        Assert.Equal(_world.Clock.Now, LastUsed(image));
        Assert.Equal(1, _world.Clock.FireTimers());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"sha256:")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"sha256:12\":\"2024-01-01T00:00:00Z\"}")]
    public async Task A_torn_file_is_as_none(string text)
    {
        var image = await LoadAsync("a:1");
        _world.Store.Use.Dispose();
        await File.WriteAllTextAsync(_world.UsePath, text);
        _world.Restart();
        Assert.Null(LastUsed(image));
        // What is no document is not left on the disk.
        Assert.Equal(text is "null" || text.Contains("12", StringComparison.Ordinal), File.Exists(_world.UsePath));
        _world.Store.Use.Touch(image.Id);
        _world.Restart();
        Assert.Equal(_world.Clock.Now, LastUsed(image));
    }

    [Fact]
    public async Task What_is_gone_is_forgotten()
    {
        var image = await LoadAsync("a:1");
        var other = await LoadAsync("b:1");
        _world.Remover.Remove("a:1");
        Assert.Null(LastUsed(image));
        Assert.NotNull(LastUsed(other));
        _world.Restart();
        Assert.DoesNotContain(image.Id.ToString(), await File.ReadAllTextAsync(_world.UsePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_spares_what_was_used_lately()
    {
        var old = await LoadAsync("old:1");
        var lately = await LoadAsync("lately:1");
        Pass(TimeSpan.FromHours(71));
        Assert.Empty(_world.Pruner.Prune(UnusedFor72Hours).Removed);
        _world.Store.Use.Touch(lately.Id);
        Pass(TimeSpan.FromHours(2));
        Assert.Contains(new RemovedItem(null, old.Id.ToString()), _world.Pruner.Prune(UnusedFor72Hours).Removed);
        Assert.Equal([lately.Id], _world.Store.Images.Select(image => image.Id));
    }

    [Fact]
    public async Task Without_a_note_the_time_of_the_name_counts()
    {
        await LoadAsync("a:1");
        _world.Store.Use.Dispose();
        File.Delete(_world.UsePath);
        _world.Restart();
        Pass(TimeSpan.FromHours(71));
        Assert.Empty(_world.Pruner.Prune(UnusedFor72Hours).Removed);
        Pass(TimeSpan.FromHours(2));
        Assert.NotEmpty(_world.Pruner.Prune(UnusedFor72Hours).Removed);
    }

    [Theory]
    [InlineData("unused-for", "3 days")]
    [InlineData("unused-for", "-1h")]
    [InlineData("unused-for", "2024-01-01")]
    [InlineData("used", "1h")]
    public void Malformed_and_unknown_filters_are_refused(string filter, string value) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => _world.Pruner.Prune(ObjectFilters.Of((filter, value)))).Kind);

    [Theory]
    [InlineData("nope")]
    [InlineData("x/y")]
    [InlineData("nope:1")]
    public async Task Save_refuses_an_unknown_name_in_dockers_words(string name)
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => new ImageSaver(_world.Store).SaveAsync([name], Stream.Null));
        Assert.Equal((ErrorKind.NotFound, $"No such image: {name}"), (error.Kind, error.Message));
    }
}
