using Gantry.Cli.Commands;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Tests;

/// <summary>Whatever a flag or an argument is given, a command ends by a message and an exit code: an exception that gets out of it is a defect.</summary>
public class OddValueTests
{
    private static readonly string[] s_values = ["", ":", "=", "-1", "x", "a=b=c", "99999999999999999999", "1:2:3", "/", ",", "\u00e9\t"];

    public static TheoryData<string> Paths => [.. CommandTable.Entries.Select(static entry => entry.Paths[0])];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task No_value_is_a_defect(string path)
    {
        var entry = CommandTable.Entries.Single(entry => entry.Paths[0] == path);
        var flags = new FlagSet();
        entry.Create(flags);
        var folder = Directory.CreateTempSubdirectory("gantry-odd-").FullName;
        try
        {
            foreach (var value in s_values)
            {
                string[] arguments = [.. Enumerable.Repeat(value, Math.Max(entry.Count.Least, Math.Min(entry.Count.Most, 1)))];
                await RunAsync(folder, [.. path.Split(' '), "--", .. arguments]);
                foreach (var flag in flags.Flags)
                    await RunAsync(folder, [.. path.Split(' '), $"--{flag.Name}={value}", .. Enumerable.Repeat("a", arguments.Length)]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string folder, string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["DOCKER_CONFIG"] = folder, ["HOME"] = folder };
        var (exitCode, _, error) = await CommandRunner.RunAsync(arguments, "unix:///nonexistent/s", environment: environment);
        Assert.True(exitCode == 0 || error.Length > 0, $"{string.Join(' ', arguments)} ended with {exitCode} and said nothing");
    }
}
