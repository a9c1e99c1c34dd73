using System.Text;
using Gantry.Cli.Commands.Compose;
using Gantry.Compose;

namespace Gantry.Cli.Tests;

public sealed class SecretStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-secrets-").FullName;

    [Fact]
    public void What_is_kept_comes_back_and_is_not_readable_on_disk()
    {
        var store = new SecretStore(_folder, "");
        store.Set("word", Encoding.UTF8.GetBytes("open sesame"));
        store.Set("other", [0, 1, 2]);
        Assert.Equal(["other", "word"], store.Names);
        Assert.Equal("open sesame", Encoding.UTF8.GetString(new SecretStore(_folder, "").Find("word")!));
        Assert.DoesNotContain("sesame", Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(_folder, "word.secret"))), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_folder), static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.True(store.Remove("word"));
        Assert.False(store.Remove("word"));
        Assert.Null(store.Find("word"));
    }

    [Fact]
    public void Another_key_a_changed_file_and_an_exchanged_one_are_found_out()
    {
        var key = Path.Combine(_folder, "elsewhere");
        var store = new SecretStore(_folder, key);
        store.Set("one", [1]);
        store.Set("two", [2]);
        File.Copy(Path.Combine(_folder, "one.secret"), Path.Combine(_folder, "two.secret"), overwrite: true);
        Assert.Throws<ComposeException>(() => store.Find("two"));
        var path = Path.Combine(_folder, "one.secret");
        var content = File.ReadAllBytes(path);
        content[^1] ^= 1;
        File.WriteAllBytes(path, content);
        Assert.Throws<ComposeException>(() => store.Find("one"));
        store.Set("one", [1]);
        File.WriteAllBytes(key, new byte[32]);
        Assert.Throws<ComposeException>(() => store.Find("one"));
        File.Delete(key);
        Assert.Throws<ComposeException>(() => store.Find("one"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../key")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    public void Names_stay_in_the_folder(string name)
    {
        var store = new SecretStore(_folder, "");
        Assert.Throws<ComposeException>(() => store.Set(name, [1]));
        Assert.Throws<ComposeException>(() => store.Find(name));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
