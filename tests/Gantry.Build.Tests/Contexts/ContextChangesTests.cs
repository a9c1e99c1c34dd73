using Gantry.Build.Contexts;
using Gantry.Os.Files;

namespace Gantry.Build.Tests.Contexts;

/// <summary>What a folder has that it did not have when it was last built from.</summary>
public sealed class ContextChangesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-changes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Changed_new_and_gone_files_are_named_where_they_are_used()
    {
        Assert.Empty(Receive(("src/a", "1"), ("src/b", "1"), ("other", "1")).Changes);
        Assert.Empty(Receive(("src/a", "1"), ("src/b", "1"), ("other", "1")).Changes);
        var files = Receive(("src/a", "2"), ("src/c", "1"), ("other", "2"));
        Assert.Equal(["other", "src/a", "src/b", "src/c"], files.Changes);
        Assert.Equal(": src/a, src/b, src/c", files.ChangesIn(["/src"]));
        Assert.Equal(": other, src/a, src/b and 1 more", files.ChangesIn(["/"]));
        Assert.Equal(": src/a", files.ChangesIn(["src/a", "sr"]));
        Assert.Equal(": other", files.ChangesIn(["ot*"]));
        Assert.Equal("", files.ChangesIn(["nothing"]));
    }

    private FileSet Receive(params (string Path, string Content)[] files)
    {
        using var receiver = new ContextReceiver(new FileStore(Path.Combine(_folder, "files")), new ContextMemory(Path.Combine(_folder, "contexts")), "key");
        foreach (var (path, content) in files)
            receiver.Add(new FileSetEntry { Path = path, Kind = FileKind.Regular, Size = content.Length }, new FileIdentity(0, content.Length, 0, 0));
        // Who changed just now is asked for each time, however often.
        Assert.Equal(Enumerable.Range(0, files.Length), receiver.Missing());
        for (var number = 0; number < files.Length; number++)
            receiver.Take(number, System.Text.Encoding.UTF8.GetBytes(files[number].Content), isLast: true);
        return receiver.Finish();
    }
}
