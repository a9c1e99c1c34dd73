using Gantry.Api.Model;
using Gantry.Cli.Credentials;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Tests.Credentials;

public class CredentialStoreTests
{
    [Theory]
    [InlineData("", "https://index.docker.io/v1/")]
    [InlineData("docker.io", "https://index.docker.io/v1/")]
    [InlineData("https://index.docker.io/v1/", "https://index.docker.io/v1/")]
    [InlineData("localhost:5000", "localhost:5000")]
    [InlineData("https://registry.example.com:5000/v2/", "registry.example.com:5000")]
    [InlineData("http://registry.example.com", "registry.example.com")]
    public void Servers(string given, string address) => Assert.Equal(address, RegistryAddress.Of(given));

    [Theory]
    [InlineData("busybox", "https://index.docker.io/v1/")]
    [InlineData("index.docker.io/me/it:1", "https://index.docker.io/v1/")]
    [InlineData("registry.example.com/it", "registry.example.com")]
    public void Images(string image, string address) => Assert.Equal(address, RegistryAddress.Of(ImageReference.Parse(image)));

    [Fact]
    public async Task What_others_wrote_into_the_file_stays()
    {
        using var folder = new ConfigFolder().Write(
            """{"HttpHeaders":{"A":"é<"},"auths":{"https://old.example.com/v1/":{"auth":"YTpi"}},"detachKeys":"ctrl-x"}""");
        var store = StoreOf(folder);
        await store.StoreAsync(new AuthConfig { ServerAddress = "r:5000", Username = "me", Password = "a:b" });
        Assert.Equal(
            "{\n\t\"HttpHeaders\": {\n\t\t\"A\": \"é<\"\n\t},\n\t\"auths\": {\n\t\t\"https://old.example.com/v1/\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t},\n"
            + "\t\t\"r:5000\": {\n\t\t\t\"auth\": \"bWU6YTpi\"\n\t\t}\n\t},\n\t\"detachKeys\": \"ctrl-x\"\n}", folder.Read());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File));
        Assert.Equal(new AuthConfig { ServerAddress = "r:5000", Username = "me", Password = "a:b" }, await store.FindAsync("r:5000"));
        Assert.Equal(new AuthConfig { ServerAddress = "old.example.com", Username = "a", Password = "b" }, await store.FindAsync("old.example.com"));
        Assert.Null(await store.FindAsync("other"));
        await store.EraseAsync(["r:5000"]);
        Assert.Null(await store.FindAsync("r:5000"));
        Assert.Contains("detachKeys", folder.Read());
    }

    [Fact]
    public async Task A_file_that_is_a_link_stays_one()
    {
        using var folder = new ConfigFolder();
        var target = Path.Combine(folder.FullPath, "elsewhere.json");
        File.WriteAllText(target, "{}");
        File.CreateSymbolicLink(folder.File, target);
        await StoreOf(folder).StoreAsync(new AuthConfig { ServerAddress = "r", Username = "me", Password = "x" });
        Assert.Equal(target, new FileInfo(folder.File).LinkTarget);
        Assert.Contains("bWU6eA==", File.ReadAllText(target));
    }

    [Fact]
    public async Task Logins_at_the_same_moment_are_all_kept()
    {
        using var folder = new ConfigFolder();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(number =>
            Task.Run(() => StoreOf(folder).StoreAsync(new AuthConfig { ServerAddress = $"r{number}", Username = "me", Password = "x" }))));
        Assert.Equal(16, (await StoreOf(folder).AllAsync()).Count);
    }

    [Fact]
    public async Task Identity_tokens_are_kept_without_a_password()
    {
        using var folder = new ConfigFolder();
        var store = StoreOf(folder);
        await store.StoreAsync(new AuthConfig { ServerAddress = "r", Username = "me", IdentityToken = "t" });
        Assert.Equal(new AuthConfig { ServerAddress = "r", Username = "me", IdentityToken = "t" }, await store.FindAsync("r"));
    }

    [Theory]
    [InlineData("""{"auths":{"r":{"auth":"!"}}}""")]
    [InlineData("""{"auths":{"r":{"auth":"YWI="}}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_malformed_file_is_an_error_and_stays(string text)
    {
        using var folder = new ConfigFolder().Write(text);
        var error = await Assert.ThrowsAsync<CommandException>(() => StoreOf(folder).FindAsync("r"));
        Assert.Contains(folder.File, error.Message);
        Assert.Equal(text, folder.Read());
    }

    [Fact]
    public async Task Helpers_keep_what_is_theirs()
    {
        using var folder = new ConfigFolder().AddHelper("all").AddHelper("one").Write("""{"credsStore":"all","credHelpers":{"r1":"one"}}""");
        var store = StoreOf(folder);
        var first = new AuthConfig { ServerAddress = "r1", Username = "me", Password = "1" };
        var second = new AuthConfig { ServerAddress = "r2", IdentityToken = "2" };
        await store.StoreAsync(first);
        await store.StoreAsync(second);
        Assert.Equal("""{"ServerURL":"r1","Username":"me","Secret":"1"}""", File.ReadAllText(Path.Combine(folder.FullPath, "one", "r1")));
        Assert.Equal("""{"ServerURL":"r2","Username":"<token>","Secret":"2"}""".Replace("<", "\\u003C").Replace(">", "\\u003E"),
            File.ReadAllText(Path.Combine(folder.FullPath, "all", "r2")));
        Assert.DoesNotContain("\"auth\"", folder.Read());
        Assert.Equal(first, await store.FindAsync("r1"));
        Assert.Equal(second, await store.FindAsync("r2"));
        Assert.Equal([first, second], (await store.AllAsync()).Values);
        Assert.Null(await store.FindAsync("r3"));
        await store.EraseAsync(["r1"]);
        Assert.Null(await store.FindAsync("r1"));
    }

    [Theory]
    [InlineData("echo locked; exit 3", "error getting credentials - err: exit status 3, out: `locked`")]
    [InlineData("echo secret", "error getting credentials - err: the answer is no JSON object, out: ``")]
    [InlineData("exec sleep 1000", "error getting credentials - err: no answer within 0.2 seconds, out: ``")]
    public async Task Helpers_that_fail(string script, string message)
    {
        using var folder = new ConfigFolder().AddProgram("x", script).Write("""{"credsStore":"x"}""");
        var limit = script.Contains("sleep") ? TimeSpan.FromSeconds(0.2) : TimeSpan.FromMinutes(2);
        Assert.Equal(message, (await Assert.ThrowsAsync<CommandException>(() => StoreOf(folder, limit).FindAsync("r"))).Message);
    }

    [Fact]
    public async Task A_helper_that_is_not_there()
    {
        using var folder = new ConfigFolder().Write("""{"credsStore":"x"}""");
        Assert.Equal(
            "error getting credentials - err: exec: \"docker-credential-x\": executable file not found in $PATH, out: ``",
            (await Assert.ThrowsAsync<CommandException>(() => StoreOf(folder).FindAsync("r"))).Message);
    }

    private static CredentialStore StoreOf(ConfigFolder folder, TimeSpan? limit = null) => new(
        ClientSettings.Load(folder.FullPath), new CredentialFile(folder.FullPath),
        name => new CredentialProgram(name, folder.Environment["PATH"], limit ?? TimeSpan.FromMinutes(2)));
}
