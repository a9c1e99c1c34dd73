using System.Net.Sockets;

namespace Gantry.Cli.Tests.Buildx;

public class RefusalTests
{
    [Theory]
    [InlineData("buildx history open", "Docker Desktop")]
    [InlineData("buildx history export --all --output x", "Docker Desktop")]
    [InlineData("buildx history import --file x", "Docker Desktop")]
    [InlineData("buildx history trace --addr 127.0.0.1:0", "history logs")]
    [InlineData("buildx history inspect attachment --type x", "imagetools inspect")]
    [InlineData("buildx history ls --local", "not recorded")]
    [InlineData("buildx debug build .", "build --debug")]
    [InlineData("buildx dap build .", "build --debug")]
    [InlineData("buildx policy eval .", "sockets with policies")]
    [InlineData("buildx bake --policy x", "--policy x is not offered")]
    [InlineData("buildx build --resource memory=1g .", "--resource memory=1g is not offered")]
    public async Task What_is_not_offered_says_so_and_what_there_is_instead(string line, string says)
    {
        var (exitCode, output, error) = await CommandRunner.RunAsync(CommandRunner.Split(line), host: "unix:///nonexistent.sock");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("buildx ls")]
    [InlineData("buildx inspect")]
    [InlineData("buildx du")]
    [InlineData("buildx prune -f")]
    public async Task A_daemon_that_does_not_answer_is_not_waited_for(string line)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-cli-").FullName;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "silent")));
        socket.Listen();
        var (exitCode, _, error) = await CommandRunner.RunAsync([.. CommandRunner.Split(line), "--timeout", "50ms"], host: $"unix://{folder}/silent");
        Directory.Delete(folder, recursive: true);
        Assert.Equal(1, exitCode);
        Assert.Contains("context deadline exceeded", error, StringComparison.Ordinal);
    }
}
