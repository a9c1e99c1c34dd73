using Gantry.Oci.Images;

namespace Gantry.Oci.Tests.Images;

public class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("Linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/armhf", "linux/arm/v7")]
    [InlineData("linux/armel", "linux/arm/v6")]
    [InlineData("arm64", "linux/arm64")]
    [InlineData("linux/i386", "linux/386")]
    public void Names_are_normalized(string text, string expected) => Assert.Equal(expected, Platform.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c/d")]
    [InlineData("linux/")]
    [InlineData("nonsense")]
    [InlineData("linux/am d64")]
    public void Malformed_platforms_are_refused(string text) => Assert.Throws<GantryException>(() => Platform.Parse(text));

    [Fact]
    public void The_nearest_variant_wins_and_newer_ones_do_not_fit()
    {
        var host = Platform.Parse("linux/arm64");
        Assert.True(host.Fit(Platform.Parse("linux/arm64")) > host.Fit(Platform.Parse("linux/arm/v7")));
        Assert.True(host.Fit(Platform.Parse("linux/arm/v7")) > host.Fit(Platform.Parse("linux/arm/v6")));
        Assert.Equal(0, host.Fit(Platform.Parse("linux/amd64")));
        Assert.Equal(0, Platform.Parse("linux/arm/v6").Fit(Platform.Parse("linux/arm/v7")));
        Assert.Equal(0, Platform.Parse("linux/amd64").Fit(Platform.Parse("linux/amd64/v3")));
        Assert.Equal(0, Platform.Parse("linux/amd64").Fit(new Platform { Os = "unknown", Architecture = "unknown" }));
    }
}
