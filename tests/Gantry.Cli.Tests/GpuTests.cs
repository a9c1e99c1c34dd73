using Gantry.Cli.Commands.Containers.Creating;

namespace Gantry.Cli.Tests;

public class GpuTests
{
    [Theory]
    [InlineData("all", -1, null, "gpu")]
    [InlineData("2", 2, null, "gpu")]
    [InlineData("\"device=0,1\"", 0, "0,1", "gpu")]
    [InlineData("count=1,\"capabilities=utility,compute\",driver=nvidia", 1, null, "gpu,utility,compute")]
    public void A_request_is_read(string text, int count, string? devices, string capabilities)
    {
        var request = GpuParser.Parse(text);
        Assert.Equal(count, request.Count);
        Assert.Equal(devices, request.DeviceIDs is { } ids ? string.Join(',', ids) : null);
        Assert.Equal(capabilities, string.Join(',', request.Capabilities![0]));
    }

    [Theory]
    [InlineData("some")]
    [InlineData("count=1,count=2")]
    [InlineData("nosuch=1")]
    public void What_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => GpuParser.Parse(text));
}
