using Gantry.Cli.Commands;
using Gantry.Cli.Commands.Containers.Creating;

namespace Gantry.Cli.Tests;

/// <summary>What docker's client (28.2) passes on as a bind or as an anonymous volume, and what it refuses itself.</summary>
public class VolumeSpecificationTests
{
    [Theory]
    [InlineData("name:/b", true)]
    [InlineData("/a:/b:ro", true)]
    [InlineData("a:b:c:d", true)]
    [InlineData("a:/b:ro:z", true)]
    [InlineData("a:b:c:d:e", true)]
    [InlineData("/data", false)]
    [InlineData("a:b", false)]
    [InlineData("a:/", false)]
    [InlineData(":a", false)]
    [InlineData("::", false)]
    public void What_has_a_source_is_mounted(string value, bool hasSource) => Assert.Equal(hasSource, VolumeSpecification.HasSource(value));

    [Theory]
    [InlineData("", "invalid empty volume spec")]
    [InlineData(":/a", "invalid spec: :/a: empty section between colons")]
    [InlineData("/a:/b:", "invalid spec: /a:/b:: empty section between colons")]
    [InlineData("name:/b:ro:z", "invalid spec: name:/b:ro:z: too many colons")]
    public void What_has_no_such_form_is_refused(string value, string message) =>
        Assert.Equal(message, Assert.Throws<CommandException>(() => VolumeSpecification.HasSource(value)).Message);
}
