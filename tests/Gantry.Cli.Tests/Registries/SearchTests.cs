using Gantry.Client.Tests;

namespace Gantry.Cli.Tests.Registries;

public class SearchTests
{
    private const string Found =
        """[{"star_count":7,"is_official":true,"name":"busybox","is_automated":false,"description":"Busybox base image,\nwith a description of more than 45 letters."},"""
        + """{"star_count":0,"is_official":false,"name":"me/busybox","is_automated":false,"description":""}]""";

    [Fact]
    public async Task A_table()
    {
        using var daemon = Answering(Found);
        Assert.Equal(
            (0, "NAME         DESCRIPTION                                     STARS     OFFICIAL\n"
                + "busybox      Busybox base image, with a description of mo…   7         [OK]\nme/busybox                                                   0         \n", ""),
            await CommandRunner.RunAsync(["search", "--limit", "5", "-f", "stars=3", "-f", "is-official=true", "busybox"], daemon.Address));
        Assert.EndsWith(
            "/images/search?term=busybox&limit=5&filters=%7B%22is-official%22%3A%7B%22true%22%3Atrue%7D%2C%22stars%22%3A%7B%223%22%3Atrue%7D%7D",
            daemon.Requests[0].Target);
    }

    [Fact]
    public async Task A_template()
    {
        using var daemon = Answering(Found);
        Assert.Equal(
            (0, "busybox: 7 [OK] Busybox base image, with a description of more than 45 letters.\nme/busybox: 0  \n", ""),
            await CommandRunner.RunAsync(["search", "--no-trunc", "--format", "{{.Name}}: {{.StarCount}} {{.IsOfficial}} {{.Description}}", "busybox"],
                daemon.Address));
    }

    private static FakeDaemon Answering(string body) => new((_, connection) => connection.Send(FakeDaemon.Response(200, body)) > 0);
}
