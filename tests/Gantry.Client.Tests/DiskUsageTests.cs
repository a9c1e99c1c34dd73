using Gantry.Client.Connections;

namespace Gantry.Client.Tests;

public class DiskUsageTests
{
    [Theory]
    [InlineData("1.51", """{"LayersSize":7,"Images":[{"Id":"i","Size":7}],"Containers":[],"Volumes":[],"BuildCache":[]}""")]
    [InlineData("1.52", """{"ImageUsage":{"TotalSize":7,"TotalCount":1,"Items":[{"Id":"i","Size":7}]},"ContainerUsage":{"TotalSize":0}}""")]
    public async Task Both_forms_of_the_answer_are_understood(string version, string answer)
    {
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(200, answer)) > 0);
        using var client = new EngineClient(new EngineConnector(EngineAddress.Parse(daemon.Address), tls: null, blocking: true), version);
        var usage = await client.DiskUsageAsync();
        Assert.Equal(7, usage.LayersSize);
        Assert.Equal("i", Assert.Single(usage.Images!).Id);
        Assert.Empty(usage.Containers!);
        Assert.Empty(usage.Volumes!);
    }
}
