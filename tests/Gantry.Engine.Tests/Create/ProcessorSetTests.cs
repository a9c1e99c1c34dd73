using Gantry.Engine.Create;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Create;

public class ProcessorSetTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-2,5", "0,1,2,5")]
    [InlineData("x", null)]
    [InlineData("2-1", null)]
    [InlineData("1-2-3", null)]
    [InlineData("0-99999999", null)]
    public void A_list_is_read(string text, string? numbers) =>
        Assert.Equal(numbers, ProcessorSet.Parse(text) is { } parsed ? string.Join(',', parsed.Order()) : null);

    [Fact]
    public void What_is_not_there_is_told_with_what_is()
    {
        var error = Assert.Throws<GantryException>(() => ProcessorSet.Check("CPUs", "cpuset cpus", "0,9", static () => "0-3"));
        Assert.Equal("Requested CPUs are not available - requested 0,9, available: 0-3", error.Message);
        ProcessorSet.Check("CPUs", "cpuset cpus", "0-1", static () => "0-3");
        ProcessorSet.Check("CPUs", "cpuset cpus", "", static () => throw new InvalidOperationException("nobody asked"));
    }
}
