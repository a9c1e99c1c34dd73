using Gantry.Engine.Create;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Create;

public sealed class BindSpecTests
{
    [Theory]
    [InlineData("/a:/b", true, "/a", "/b", false, "rprivate")]
    [InlineData("/a:/b/:ro", true, "/a", "/b", true, "rprivate")]
    [InlineData("/a:/b:ro,rslave", true, "/a", "/b", true, "rslave")]
    [InlineData("/a:/b/../c:z", true, "/a", "/c", false, "rprivate")]
    [InlineData("data:/b", false, "data", "/b", false, "rprivate")]
    [InlineData("data:/b:ro,nocopy", false, "data", "/b", true, "rprivate")]
    [InlineData("/only", false, null, "/only", false, "rprivate")]
    public void Reads_docker_s_forms(string text, bool isBind, string? source, string target, bool readOnly, string propagation)
    {
        var spec = BindSpec.Parse(text);
        Assert.Equal((isBind, source, target, readOnly, propagation), (spec.IsBind, spec.Source, spec.Target, spec.ReadOnly, spec.Propagation));
    }

    [Theory]
    [InlineData(":/b")]
    [InlineData("/a:")]
    [InlineData("/a:b")]
    [InlineData("/a:/")]
    [InlineData("/a:/b:fast")]
    [InlineData("/a:/b:ro:x")]
    [InlineData("data:/b:rslave")]
    [InlineData("/a:/b:nocopy")]
    public void Refuses_others(string text) => Assert.Throws<GantryException>(() => BindSpec.Parse(text));
}
