namespace Gantry.Cli.Tests;

public class ComposeCommandTests
{
    /// <summary>Every command can be made and has a help; no flag is there twice.</summary>
    [Fact]
    public async Task Every_command_has_a_help()
    {
        foreach (var entry in Commands.Compose.ComposeTable.Entries)
        {
            var (exitCode, output, error) = await CommandRunner.RunAsync([.. entry.Paths[0].Split(' '), "--help"]);
            Assert.Equal((0, ""), (exitCode, error));
            Assert.StartsWith($"Usage:  docker {entry.Paths[0]}", output);
            var flags = new Flags.FlagSet();
            entry.Create(flags);
            Assert.Equal(flags.Flags.Count, flags.Flags.Select(static flag => flag.Name).Distinct().Count());
            var letters = flags.Flags.Where(static flag => flag.Shorthand != '\0').Select(static flag => flag.Shorthand).ToArray();
            Assert.Equal(letters.Length, letters.Distinct().Count());
        }
    }

    [Theory]
    [InlineData("compose nope", 1, "unknown docker command: \"compose nope\"\n\nRun 'docker compose --help' for more information\n")]
    [InlineData("compose -f /nonexistent/c.yaml config", 1, "open /nonexistent/c.yaml: no such file or directory\n")]
    [InlineData("compose -f /nonexistent/c.yaml --dry-run run x", 1, "--dry-run: `compose run` is not supported in dry run mode\n")]
    public async Task Mistakes_are_told(string command, int exitCode, string error) =>
        Assert.Equal((exitCode, "", error), await CommandRunner.RunAsync(command.Split(' ')));

    [Fact]
    public async Task The_version_is_that_of_the_labels()
    {
        var (exitCode, output, _) = await CommandRunner.RunAsync(["compose", "version", "--short"]);
        Assert.Equal((0, Gantry.Compose.Planning.Labels.ComposeVersion + "\n"), (exitCode, output));
    }
}
