using Gantry.Client.Tests;

namespace Gantry.Cli.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("foo", 1, "docker: unknown command: docker foo\n\nRun 'docker --help' for more information\n")]
    [InlineData("container foo", 1,
        "docker: unknown command: docker container foo\n\nUsage:  docker container\n\nRun 'docker container --help' for more information\n")]
    [InlineData("ps foo", 1, "docker: 'docker ps' accepts no arguments\n\nUsage:  docker ps [OPTIONS]\n\nRun 'docker ps --help' for more information\n")]
    [InlineData("rename a", 1,
        "docker: 'docker rename' requires 2 arguments\n\nUsage:  docker rename CONTAINER NEW_NAME\n\nRun 'docker rename --help' for more information\n")]
    [InlineData("exec x", 1,
        "docker: 'docker exec' requires at least 2 arguments\n\nUsage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]\n\nSee 'docker exec --help' for more information\n")]
    [InlineData("run --nope x", 125,
        "unknown flag: --nope\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'docker run --help' for more information\n")]
    [InlineData("--nope ps", 125, "unknown flag: --nope\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n")]
    [InlineData("--context other ps", 1,
        "Failed to initialize: unable to resolve docker endpoint: context \"other\": context not found: open /nonexistent/contexts/meta/d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa/meta.json: no such file or directory\n")]
    [InlineData("network create --subnet 10.1.0.0/24 --gateway x n", 1, "no matching subnet for gateway x\n")]
    [InlineData("network create --subnet 10.1.0.0/24 --aux-address a=10.2.0.1 n", 1, "no matching subnet for aux-address 10.2.0.1\n")]
    [InlineData("network create --subnet 10.1.0.0/24 --ip-range 10.1.0.0/99 n", 1, "invalid CIDR address: 10.1.0.0/99\n")]
    [InlineData("network create --gateway 10.1.0.1 n", 1, "every ip-range or gateway must have a corresponding subnet\n")]
    [InlineData("network create --subnet 10.1.0.0/24 --subnet 10.1.0.128/25 n", 1, "multiple overlapping subnet configuration is not supported\n")]
    [InlineData("volume create --label =x v", 125,
        "invalid argument \"=x\" for \"--label\" flag: invalid label '=x': empty name\n\nUsage:  docker volume create [OPTIONS] [VOLUME]\n\nRun 'docker volume create --help' for more information\n")]
    [InlineData("volume rm ", 1, "invalid volume name or ID: value is empty\n")]
    [InlineData("logs ", 1, "invalid container name or ID: value is empty\n")]
    [InlineData("-l loud ps", 1, "unable to parse logging level: loud\n")]
    [InlineData("-H unix:///nonexistent/s ps", 1, "Cannot connect to the Docker daemon at unix:///nonexistent/s. Is the docker daemon running?\n")]
    public async Task Mistakes_are_told_as_docker_tells_them(string command, int exitCode, string error) =>
        Assert.Equal((exitCode, "", error), await CommandRunner.RunAsync(command.Split(' ')));

    [Theory]
    [InlineData("ps –a", "docker: 'docker ps' accepts no arguments\n'–a' begins with a dash (U+2013) that is no hyphen: did you mean '-a'?\n\nUsage:")]
    [InlineData("—tls ps", "docker: unknown command: docker —tls\n'—tls' begins with a dash (U+2014) that is no hyphen: did you mean '--tls'?\n\nRun")]
    [InlineData("container –x",
        "docker: unknown command: docker container –x\n'–x' begins with a dash (U+2013) that is no hyphen: did you mean '-x'?\n\nUsage:")]
    [InlineData("run ––env=A=b busybox", "'––env=A=b' begins with a dash (U+2013) that is no hyphen: did you mean '--env=A=b'?\n")]
    public async Task An_option_with_a_typeset_dash_is_told(string command, string error) =>
        Assert.Contains(error, (await CommandRunner.RunAsync(command.Split(' '))).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("-D")]
    [InlineData("--log-level=debug")]
    public async Task Debugging_tells_where_a_command_failed(string flag)
    {
        var (exitCode, _, error) = await CommandRunner.RunAsync([flag, "-H", "unix:///nonexistent/s", "ps"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Cannot connect to the Docker daemon at unix:///nonexistent/s. Is the docker daemon running?\n", error);
        Assert.Contains("EngineUnreachableException", error);
    }

    /// <summary>Every command can be made and has a help; no flag is there twice.</summary>
    [Fact]
    public async Task Every_command_has_a_help()
    {
        foreach (var path in Commands.CommandTable.Entries.SelectMany(static entry => entry.Paths))
        {
            var (exitCode, output, error) = await CommandRunner.RunAsync([.. path.Split(' '), "--help"]);
            Assert.Equal((0, ""), (exitCode, error));
            Assert.StartsWith($"Usage:  docker {path}", output);
        }
        foreach (var entry in Commands.CommandTable.Entries)
        {
            var flags = new Flags.FlagSet();
            entry.Create(flags);
            Assert.Equal(flags.Flags.Count, flags.Flags.Select(static flag => flag.Name).Distinct().Count());
            var letters = flags.Flags.Where(static flag => flag.Shorthand != '\0').Select(static flag => flag.Shorthand).ToArray();
            Assert.Equal(letters.Length, letters.Distinct().Count());
        }
    }

    [Fact]
    public void Every_path_leads_to_its_command()
    {
        foreach (var entry in Commands.CommandTable.Entries)
            Assert.All(entry.Paths, path =>
                Assert.Equal((entry.Summary, path),
                    (Commands.CommandTable.Find([.. path.Split(' ')]).Entry?.Summary, Commands.CommandTable.Find([.. path.Split(' ')]).Path)));
    }

    [Fact]
    public async Task Results_come_in_the_order_of_the_names()
    {
        using var daemon = new FakeDaemon((request, connection) => connection.Send(request.Target.Contains("/bad/", StringComparison.Ordinal)
            ? FakeDaemon.Response(404, """{"message":"No such container: bad"}""")
            : "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray()) > 0);
        var names = Enumerable.Range(0, 30).Select(static number => "c" + number).ToArray();
        Assert.Equal(
            (1, string.Concat(names.Select(static name => name + "\n")), "Error response from daemon: No such container: bad\n"),
            await CommandRunner.RunAsync(["stop", .. names, "bad"], daemon.Address));
    }

    [Fact]
    public async Task The_exit_code_of_the_process_is_that_of_run()
    {
        using var daemon = new FakeDaemon(static (request, connection) =>
        {
            var path = request.Target.Split('?')[0].Split('/')[^1];
            connection.Send(path switch
            {
                "create" => FakeDaemon.Response(201, """{"Id":"abc","Warnings":["careful"]}"""),
                "attach" => [.. "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8, 1, 0, 0, 0, 0, 0, 0, 3, .. "out"u8, 2, 0, 0, 0, 0, 0,
                    0, 3, .. "err"u8],
                "wait" => FakeDaemon.Response(200, """{"StatusCode":137}"""),
                _ => "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(),
            });
            return path != "attach";
        });
        Assert.Equal((137, "out", "WARNING: careful\nerr"), await CommandRunner.RunAsync(["run", "--rm", "busybox"], daemon.Address));
        Assert.Equal(["create", "attach", "wait", "start"], daemon.Requests.Select(static request => request.Target.Split('?')[0].Split('/')[^1]));
        Assert.Contains("condition=removed", daemon.Requests[2].Target);
    }
}
