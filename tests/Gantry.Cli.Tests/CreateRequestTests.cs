using System.Text.Json.Nodes;
using Gantry.Client.Tests;

namespace Gantry.Cli.Tests;

/// <summary>
/// The requests that docker's own client (28.2) sent for command lines, recorded in <c>Golden/create-requests.txt</c>: a line with the command,
/// one with the path, one with the body. Ours have to say the same; what is null, empty, 0 or false, or is how docker's client writes that
/// a number was not given, may be left out.
/// </summary>
public class CreateRequestTests
{
    private static readonly string[] s_notGiven = ["null", "false", "0", "\"\"", "{}", "[0,0]"];

    public static TheoryData<string, string, string> Recorded
    {
        get
        {
            var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Golden", "create-requests.txt"));
            var data = new TheoryData<string, string, string>();
            for (var at = 0; at + 2 < lines.Length; at += 3)
                data.Add(lines[at], lines[at + 1], lines[at + 2]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task The_request_is_docker_s(string command, string path, string body)
    {
        using var daemon = new FakeDaemon((request, connection) => connection.Send(request.Target.Contains("/start", StringComparison.Ordinal)
            ? "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray()
            : FakeDaemon.Response(201, """{"Id":"0123456789abcdef","Warnings":[]}""")) > 0);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "env"), "A=1\n# c\nB=two words\nHOME\n\n");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "sec.json"), """{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}""");
        var arguments = CommandRunner.Split(command.Replace("@DIR@", daemon.Folder));

        var result = await CommandRunner.RunAsync(arguments, daemon.Address, environment: new Dictionary<string, string> { ["HOME"] = "/root" });

        Assert.Equal((0, "0123456789abcdef\n", ""), result);
        var sent = daemon.Requests[0];
        Assert.Equal(Uri.UnescapeDataString(WithoutVersion(path)), Uri.UnescapeDataString(WithoutVersion(sent.Target)));
        var expected = JsonNode.Parse(body.Replace("@DIR@", daemon.Folder).Replace("@CWD@", Environment.CurrentDirectory));
        AssertSame(expected, JsonNode.Parse(sent.Body), "");
    }

    [Theory]
    [InlineData("run -p 99999:80 busybox", 125, "docker: invalid hostPort: 99999\n\nRun 'docker run --help' for more information\n")]
    [InlineData("create -p 1.2.3:80:80 busybox", 125, "docker: invalid IP address: 1.2.3\n\nRun 'docker create --help' for more information\n")]
    [InlineData("create --rm --restart always busybox", 125,
        "docker: conflicting options: cannot specify both --restart and --rm\n\nRun 'docker create --help' for more information\n")]
    [InlineData("create --env-file /nope busybox", 125, "docker: open /nope: no such file or directory\n\nRun 'docker create --help' for more information\n")]
    [InlineData("create --pid x busybox", 125, "docker: --pid: invalid PID mode\n\nRun 'docker create --help' for more information\n")]
    [InlineData("create --no-healthcheck --health-cmd x busybox", 125,
        "docker: --no-healthcheck conflicts with --health-* options\n\nRun 'docker create --help' for more information\n")]
    [InlineData("create --network host --network-alias a busybox", 125,
        "docker: network-scoped aliases are only supported for user-defined networks\n\nRun 'docker create --help' for more information\n")]
    [InlineData("run -it busybox", 1, "the input device is not a TTY\n")]
    [InlineData("run --cpu-count 1 busybox", 1,
        "\"--cpu-count\" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux\n")]
    public async Task What_is_wrong_is_said_as_docker_says_it(string command, int exitCode, string error) =>
        Assert.Equal((exitCode, "", error), await CommandRunner.RunAsync(CommandRunner.Split(command), "unix:///nonexistent"));

    private static string WithoutVersion(string target) => target[target.IndexOf("/containers", StringComparison.Ordinal)..];

    private static void AssertSame(JsonNode? expected, JsonNode? actual, string path)
    {
        if (expected is JsonObject left && actual is JsonObject right)
        {
            foreach (var name in left.Select(static member => member.Key).Union(right.Select(static member => member.Key)))
            {
                if (!IsLeftOut(name, left[name], right))
                    AssertSame(left[name], right[name], $"{path}.{name}");
            }
            return;
        }
        if (expected is JsonArray leftItems && actual is JsonArray rightItems && leftItems.Count == rightItems.Count)
        {
            foreach (var (leftItem, rightItem) in leftItems.Zip(rightItems))
                AssertSame(leftItem, rightItem, path + "[]");
            return;
        }
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{path}: expected {expected?.ToJsonString()}, got {actual?.ToJsonString()}");
    }

    private static bool IsLeftOut(string name, JsonNode? expected, JsonObject actual)
    {
        var text = expected?.ToJsonString() ?? "null";
        return !actual.ContainsKey(name) && (s_notGiven.Contains(text) || name == "MemorySwappiness" && text == "-1"
            || name == "NetworkingConfig" && text == """{"EndpointsConfig":{}}""");
    }
}
