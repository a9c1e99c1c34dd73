using System.Text.Json.Nodes;
using Gantry.Client.Tests;

namespace Gantry.Cli.Tests.Registries;

public class LoginTests
{
    private const string Denied = """{"message":"login attempt to http://r/v2/ failed with status: 401 Unauthorized"}""";

    [Fact]
    public async Task Accepted_credentials_are_kept()
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry("me", "secret");
        var (exitCode, output, error) = await CommandRunner.RunAsync(
            ["login", "-u", "me", "-p", "secret", "http://r:5000/v2/"], daemon.Address, "", folder.Environment);
        Assert.Equal((0, "Login Succeeded\n"), (exitCode, output));
        Assert.Equal(
            $"WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n\nWARNING! Your credentials are stored unencrypted in '{folder.File}'.\n"
            + "Configure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n", error);
        Assert.Equal("""{"username":"me","password":"secret","serveraddress":"r:5000"}""", daemon.Requests[^1].Text);
        Assert.Equal("bWU6c2VjcmV0", (string?)JsonNode.Parse(folder.Read())!["auths"]!["r:5000"]!["auth"]);
    }

    [Theory]
    [InlineData("secret\n")]
    [InlineData("secret\r\n")]
    [InlineData("secret")]
    public async Task The_password_can_come_from_standard_input(string input)
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry("me", "secret");
        var (exitCode, output, _) = await CommandRunner.RunAsync(["login", "-u", "me", "--password-stdin"], daemon.Address, input, folder.Environment);
        Assert.Equal((0, "Login Succeeded\n"), (exitCode, output));
        Assert.Contains("https://index.docker.io/v1/", folder.Read());
    }

    [Fact]
    public async Task Refused_credentials_are_not_kept()
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry("me", "secret");
        var (exitCode, output, error) = await CommandRunner.RunAsync(
            ["login", "-u", "me", "--password-stdin", "r"], daemon.Address, "wrong", folder.Environment);
        Assert.Equal((1, "", "Error response from daemon: login attempt to http://r/v2/ failed with status: 401 Unauthorized\n"), (exitCode, output, error));
        Assert.False(File.Exists(folder.File));
    }

    [Fact]
    public async Task Kept_credentials_are_tried_and_the_user_is_asked_when_they_fail()
    {
        using var folder = new ConfigFolder().Write("""{"auths":{"r":{"auth":"bWU6b2xk"}}}""");
        using var daemon = Registry("me", "secret");
        using var terminal = new TypedTerminal();
        var (exitCode, output, error) = await CommandRunner.RunAsync(["login", "r"], daemon.Address, "\nsecx\u007fret\r", folder.Environment, terminal);
        Assert.Equal((0, "Username (me): Password: \nLogin Succeeded\n"), (exitCode, output));
        Assert.StartsWith("Authenticating with existing credentials... [Username: me]\n", error);
        Assert.Contains("Login did not succeed, error: Error response from daemon: login attempt", error);
        Assert.Equal((1, 1), terminal.Raw);
        Assert.Contains("bWU6c2VjcmV0", folder.Read());
    }

    [Fact]
    public async Task Interrupting_the_question_ends_the_command()
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry("me", "secret");
        using var terminal = new TypedTerminal();
        Assert.Equal(
            (130, "Password: \n", ""), await CommandRunner.RunAsync(["login", "-u", "me", "r"], daemon.Address, "sec\u0003", folder.Environment, terminal));
        Assert.Equal((1, 1), terminal.Raw);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task A_token_takes_the_place_of_the_password()
    {
        using var folder = new ConfigFolder();
        using var daemon = new FakeDaemon(static (_, connection) =>
            connection.Send(FakeDaemon.Response(200, """{"Status":"Login Succeeded","IdentityToken":"token"}""")) > 0);
        Assert.Equal(0, (await CommandRunner.RunAsync(["login", "-u", "me", "--password-stdin", "r"], daemon.Address, "secret", folder.Environment)).ExitCode);
        Assert.Equal("""{"auth":"bWU6","identitytoken":"token"}""", JsonNode.Parse(folder.Read())!["auths"]!["r"]!.ToJsonString());
    }

    [Theory]
    [InlineData("login -p x --password-stdin r", "conflicting options: cannot specify both --password and --password-stdin\n")]
    [InlineData("login --password-stdin r", "the --password-stdin option requires --username to be set\n")]
    [InlineData("login r", "Error: Cannot perform an interactive login from a non TTY device\n")]
    [InlineData("login -u me --password-stdin r", "Error: Cannot perform an interactive login from a non TTY device\n")]
    public async Task Mistakes(string command, string error) =>
        Assert.Equal((1, "", error), await CommandRunner.RunAsync(command.Split(' '), "unix:///nonexistent"));

    [Fact]
    public async Task Logging_out_forgets_every_form_of_the_address()
    {
        using var folder = new ConfigFolder().Write("""{"auths":{"r":{"auth":"YTpi"},"https://r":{"auth":"YTpi"},"q":{"auth":"YTpi"}},"x":1}""");
        Assert.Equal((0, "Removing login credentials for r\n", ""), await CommandRunner.RunAsync(["logout", "https://r/v2/"], null, "", folder.Environment));
        Assert.Equal("""{"auths":{"q":{"auth":"YTpi"}},"x":1}""", JsonNode.Parse(folder.Read())!.ToJsonString());
    }

    [Fact]
    public async Task A_helper_that_cannot_forget_is_told_of()
    {
        using var folder = new ConfigFolder().AddProgram("x", "echo locked; exit 1").Write("""{"credHelpers":{"r":"x"}}""");
        Assert.Equal(
            (0, "Removing login credentials for r\n",
                "WARNING: could not erase credentials:\nr: error erasing credentials - err: exit status 1, out: `locked`\n"),
            await CommandRunner.RunAsync(["logout", "r"], null, "", folder.Environment));
    }

    private static FakeDaemon Registry(string user, string password) => new((request, connection) =>
    {
        var given = JsonNode.Parse(request.Text)!;
        var accepted = (string?)given["username"] == user && (string?)given["password"] == password;
        return connection.Send(accepted ? FakeDaemon.Response(200, """{"Status":"Login Succeeded","IdentityToken":""}""")
            : FakeDaemon.Response(401, Denied)) > 0;
    });
}
