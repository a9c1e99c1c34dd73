using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>One file is command line and daemon, told apart by the first word or by the name it is called by.</summary>
[Trait("Only", "Gantry")] // Docker has a program for each.
public sealed class ProgramNameTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-name-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gantry", "Usage:  gantry [OPTIONS] COMMAND", "--help")]
    [InlineData("docker", "Usage:  docker [OPTIONS] COMMAND", "--help")]
    [InlineData("docker", "Usage:  docker ps [OPTIONS]", "ps", "--help")]
    [InlineData("docker-compose", "Usage:  docker-compose compose [OPTIONS] COMMAND", "--help")]
    [InlineData("gantry", "Usage:  gantry daemon [OPTIONS]", "daemon", "--help")]
    [InlineData("dockerd", "Usage:  gantry daemon [OPTIONS]", "--help")]
    public void The_name_and_the_first_word_choose(string name, string firstLine, params string[] arguments)
    {
        var link = Path.Combine(_folder, name);
        File.CreateSymbolicLink(link, TestEnvironment.Gantry);
        var result = Command.Run([link, .. arguments]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith(firstLine, result.Output, StringComparison.Ordinal);
    }
}
