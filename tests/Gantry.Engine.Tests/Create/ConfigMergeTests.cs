using Gantry.Api.Model;
using Gantry.Engine.Create;
using Gantry.Oci.Images;

namespace Gantry.Engine.Tests.Create;

public sealed class ConfigMergeTests
{
    private static readonly string s_id = new('a', 64);

    private static readonly ImageRunConfig s_image = new()
    {
        User = "web",
        WorkingDir = "/srv",
        Entrypoint = ["/entry"],
        Cmd = ["default"],
        Env = ["PATH=/bin", "LANG=C"],
        Labels = new() { ["a"] = "image", ["b"] = "image" },
    };

    [Fact]
    public void Gaps_are_filled_from_the_image()
    {
        var config = ConfigMerge.Config(s_id, new ContainerConfig(), s_image, sharesHostName: false);
        Assert.Equal("web", config.User);
        Assert.Equal("/srv", config.WorkingDir);
        Assert.Equal(["/entry"], config.Entrypoint);
        Assert.Equal(["default"], config.Cmd);
        Assert.Equal("aaaaaaaaaaaa", config.Hostname);
    }

    [Theory]
    [InlineData("/a/../b/", "/b")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("", "/srv")]
    public void A_working_folder_is_kept_without_turns(string given, string kept) =>
        Assert.Equal(kept, ConfigMerge.Config(s_id, new ContainerConfig { WorkingDir = given }, s_image, sharesHostName: false).WorkingDir);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(64 << 20, 0, 128 << 20)]
    [InlineData(64 << 20, -1, -1)]
    [InlineData(64 << 20, 65 << 20, 65 << 20)]
    [InlineData(long.MaxValue - 1, 0, -1)]
    public void There_is_as_much_swap_as_memory_unless_said_otherwise(long memory, long swap, long kept) =>
        Assert.Equal(kept,
            ConfigMerge.Host(new HostConfig { Memory = memory, MemorySwap = swap }, cgroupsAreVersion2: true, "bridge", new ContainerDefaults()).MemorySwap);

    [Fact]
    public void A_command_of_the_user_keeps_the_image_s_entrypoint()
    {
        var config = ConfigMerge.Config(s_id, new ContainerConfig { Cmd = ["mine"] }, s_image, sharesHostName: false);
        Assert.Equal(["/entry"], config.Entrypoint);
        Assert.Equal(["mine"], config.Cmd);
    }

    [Fact]
    public void An_entrypoint_of_the_user_drops_the_image_s_command()
    {
        var config = ConfigMerge.Config(s_id, new ContainerConfig { Entrypoint = ["/mine"] }, s_image, sharesHostName: false);
        Assert.Equal(["/mine"], config.Entrypoint);
        Assert.Null(config.Cmd);
    }

    [Fact]
    public void An_empty_entrypoint_takes_the_image_s_away() =>
        Assert.Null(ConfigMerge.Config(s_id, new ContainerConfig { Entrypoint = [""], Cmd = ["x"] }, s_image, false).Entrypoint);

    [Fact]
    public void The_user_s_environment_and_labels_win()
    {
        var user = new ContainerConfig { Env = ["LANG=de"], Labels = new Dictionary<string, string> { ["b"] = "user" } };
        var config = ConfigMerge.Config(s_id, user, s_image, sharesHostName: false);
        Assert.Equal(["LANG=de", "PATH=/bin"], config.Env);
        Assert.Equal("image", config.Labels!["a"]);
        Assert.Equal("user", config.Labels["b"]);
    }
}
