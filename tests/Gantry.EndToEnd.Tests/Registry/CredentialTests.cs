using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>The user's credentials on their way from a login to a pull: tokens that last, programs that keep secrets.</summary>
public sealed class CredentialTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly WorkFolder _work = new();

    [Theory]
    [BothClients]
    public async Task An_identity_token_takes_the_place_of_the_password(string client)
    {
        await using var registry = new LocalRegistry(RegistryAccess.IdentityToken);
        var image = Tag(registry);
        Login(client, registry).Succeeded();
        var kept = Config()["auths"]![registry.Authority]!;
        Assert.Equal(LocalRegistry.IdentityToken, kept["identitytoken"]!.GetValue<string>());
        Assert.DoesNotContain(LocalRegistry.Password, Decoded(kept), StringComparison.Ordinal);

        Run(client, "push", image).Succeeded();
        Run(client, "rmi", image).Succeeded();
        Run(client, "pull", image).Succeeded();

        Assert.Contains(registry.Requests, request => request is { Method: "POST", Path: "/token" });
        Run(client, "logout", registry.Authority).Succeeded();
        Assert.Null(Config()["auths"]?[registry.Authority]);
        Run(client, "push", image).ExitsWithFailure();
        Run(client, "rmi", image).Succeeded();
    }

    [Theory]
    [BothClients]
    public async Task A_program_keeps_the_secrets_of_all_registries(string client)
    {
        await using var registry = new LocalRegistry(RegistryAccess.Basic);
        Write("""{"credsStore":"e2e"}""");

        await PushesAndPullsThroughProgramAsync(client, registry);
    }

    [Theory]
    [BothClients]
    public async Task A_program_keeps_the_secrets_of_one_registry(string client)
    {
        await using var registry = new LocalRegistry(RegistryAccess.Token);
        Write("{\"credHelpers\":{\"" + registry.Authority + "\":\"e2e\"}}");

        await PushesAndPullsThroughProgramAsync(client, registry);
    }

    [Theory]
    [BothClients]
    public async Task A_program_keeps_an_identity_token(string client)
    {
        await using var registry = new LocalRegistry(RegistryAccess.IdentityToken);
        Write("""{"credsStore":"e2e"}""");

        await PushesAndPullsThroughProgramAsync(client, registry);

        Assert.Contains(registry.Requests, request => request is { Method: "POST", Path: "/token" });
    }

    [Theory]
    [BothClients]
    public async Task What_a_program_says_of_its_failure_reaches_the_user(string client)
    {
        await using var registry = new LocalRegistry(RegistryAccess.Basic);
        Write("""{"credsStore":"broken"}""");
        Program("broken", "cat >/dev/null; echo the keychain is locked; exit 1");

        var login = Login(client, registry).ExitsWithFailure();

        Assert.Contains("the keychain is locked", login.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_s_credentials_count_before_those_of_the_file()
    {
        await using var registry = new LocalRegistry(RegistryAccess.Basic);
        var image = Tag(registry);
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{LocalRegistry.User}:{LocalRegistry.Password}"));
        Run("gantry", "push", image).ExitsWithFailure();

        var given = "{\"auths\":{\"" + registry.Authority + "\":{\"auth\":\"" + auth + "\"}}}";
        RunWith("gantry", ["push", image], [], ("DOCKER_AUTH_CONFIG", given)).Succeeded();

        Run("gantry", "rmi", image).Succeeded();
    }

    [Theory]
    [InlineData("pull")]
    [InlineData("push")]
    [InlineData("run")]
    public void Who_asks_for_signatures_is_told_that_they_are_not_verified(string command)
    {
        var refused = RunWith("gantry", [command, "127.0.0.1:1/app:1"], [], ("DOCKER_CONTENT_TRUST", "1")).ExitsWithFailure();

        Assert.Contains("content trust is not supported", refused.Error, StringComparison.Ordinal);
        var passed = RunWith("gantry", [command, "--disable-content-trust", "127.0.0.1:1/app:1"], [], ("DOCKER_CONTENT_TRUST", "1")).ExitsWithFailure();
        Assert.DoesNotContain("content trust", passed.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _work.Dispose();

    private Task PushesAndPullsThroughProgramAsync(string client, LocalRegistry registry)
    {
        var image = Tag(registry);
        Program("e2e", $$"""
            case $1 in
            store) cat >'{{_work.File("kept")}}' ;;
            get) read -r address; grep -sF "\"ServerURL\":\"$address\"" '{{_work.File("kept")}}' || { echo credentials not found in native keychain; exit 1; } ;;
            erase) cat >/dev/null; rm -f '{{_work.File("kept")}}' ;;
            list) cat >/dev/null; echo '{}' ;;
            esac
            """);
        Login(client, registry).Succeeded();
        Assert.DoesNotContain("auth\":", Config().ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(registry.Authority, File.ReadAllText(_work.File("kept")), StringComparison.Ordinal);

        Run(client, "push", image).Succeeded();
        Run(client, "rmi", image).Succeeded();
        Run(client, "pull", image).Succeeded();

        Run(client, "logout", registry.Authority).Succeeded();
        Assert.False(File.Exists(_work.File("kept")));
        Run(client, "push", image).ExitsWithFailure();
        Run(client, "rmi", image).Succeeded();
        return Task.CompletedTask;
    }

    private string Tag(LocalRegistry registry)
    {
        var image = $"{registry.Authority}/app:1";
        engine.Docker.Run("tag", Engine.Image, image).Succeeded();
        return image;
    }

    private CommandResult Login(string client, LocalRegistry registry) => RunWith(
        client, ["login", "-u", LocalRegistry.User, "--password-stdin", registry.Authority], Encoding.UTF8.GetBytes(LocalRegistry.Password));

    private CommandResult Run(string client, params string[] arguments) => RunWith(client, arguments, []);

    private CommandResult RunWith(string client, string[] arguments, byte[] input, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment["DOCKER_CONFIG"] = _work.File("config");
        environment["PATH"] = $"{_work.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        return Command.Run([.. engine.Client(client).Prefix, .. arguments], input, environment);
    }

    private void Program(string name, string script)
    {
        Directory.CreateDirectory(_work.File("bin"));
        var file = Path.Combine(_work.File("bin"), "docker-credential-" + name);
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }

    private void Write(string config)
    {
        Directory.CreateDirectory(_work.File("config"));
        File.WriteAllText(Path.Combine(_work.File("config"), "config.json"), config);
    }

    private JsonObject Config() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(_work.File("config"), "config.json")))!.AsObject();

    private static string Decoded(JsonNode entry) =>
        entry["auth"] is { } auth ? Encoding.UTF8.GetString(Convert.FromBase64String(auth.GetValue<string>())) : "";
}
