using System.Diagnostics;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary><c>make install</c>, <c>make uninstall</c> and <c>make deb</c>, into folders of their own.</summary>
[Trait("Only", "Gantry")]
public sealed class InstallTests : IDisposable
{
    private const string Prefix = "/usr/local", Units = "/lib/systemd/system";

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-install-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_installed_is_there_and_is_taken_away_again()
    {
        Run("eng/install", "--docker-compat", Path.GetDirectoryName(TestEnvironment.Gantry)!, _folder, Prefix, Units);
        string[] expected =
        [
            "bin/gantry", "bin/gantry-runtime", "bin/docker", "bin/docker-compose", "share/bash-completion/completions/gantry",
            "share/zsh/site-functions/_gantry",
            "share/fish/vendor_completions.d/gantry.fish", "share/man/man1/gantry.1", "share/man/man1/gantry-run.1", "share/man/man1/gantry-container-ls.1",
            "share/man/man1/gantry-buildx-history-ls.1", "share/man/man1/gantry-compose-bridge-transformations-list.1", "share/man/man8/gantry-daemon.8",
        ];
        Assert.All(expected, name => Assert.True(File.Exists(_folder + Prefix + "/" + name), name));
        Assert.All(["gantry.service", "gantry.socket"], name => Assert.True(File.Exists(_folder + Units + "/" + name), name));
        Assert.Contains("Docker version", Run(_folder + Prefix + "/bin/docker", "--version"));
        Assert.Contains("Execute a command", File.ReadAllText(_folder + Prefix + "/share/man/man1/gantry-container-exec.1"));

        Run("eng/install", "--remove", _folder, Prefix, Units);
        Assert.Empty(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program.StartsWith('/') ? program : Path.Combine(TestEnvironment.Root, program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{error.Result}");
        return output;
    }
}
