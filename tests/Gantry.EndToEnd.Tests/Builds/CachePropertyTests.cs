using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>The cache is never stale: whatever is done to a context, a build with the cache comes to what one without it comes to.</summary>
public sealed class CachePropertyTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const int Rounds = 12;
    private static readonly string[] s_names = ["a", "b", "c.txt", "d e"];
    private readonly WorkFolder _work = new();

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void After_any_edits_the_result_is_that_of_a_build_without_the_cache(int seed)
    {
        var random = new Random(seed);
        Write("Dockerfile", $"""
            FROM {Engine.Image} AS made
            COPY one /one
            RUN find /one -type f | sort | while read -r f; do cat "$f"; done > /list
            FROM scratch
            COPY --from=made /list /list
            COPY . /all/
            COPY two/*.txt one/ /some/
            """);
        Write(".dockerignore", "**/skipped\n");
        foreach (var folder in (string[])["one", "two"])
            Write($"{folder}/c.txt", "begin");
        for (var round = 0; round < Rounds; round++)
        {
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                Edit(random);
            // This one first: what is built without the cache is noted in it all the same.
            var built = Files();
            Assert.Equal(Files("--no-cache"), built);
            // What cannot change the result runs nothing.
            Disturb(random);
            Assert.Equal("", StepsRun());
        }
    }

    /// <summary>Changes of the context that no step can notice: times, the same content once more, files that are left out.</summary>
    private void Disturb(Random random)
    {
        foreach (var file in new DirectoryInfo(_work.Path).EnumerateFiles("*.txt", SearchOption.AllDirectories).Where(file => file.LinkTarget is null))
        {
            var content = File.ReadAllBytes(file.FullName);
            switch (random.Next(3))
            {
                case 0:
                    File.SetLastWriteTimeUtc(file.FullName, DateTime.UnixEpoch.AddSeconds(random.Next()));
                    break;
                case 1:
                    var mode = File.GetUnixFileMode(file.FullName);
                    File.Delete(file.FullName);
                    File.WriteAllBytes(file.FullName, content);
                    File.SetUnixFileMode(file.FullName, mode);
                    break;
            }
        }
        Write("one/skipped", $"{random.Next()}");
        Write("two/skipped", "");
    }

    /// <summary>The steps of a build that were run, as its progress tells; empty: all of them were known.</summary>
    private string StepsRun()
    {
        var told = engine.Client("gantry").Run("build", "--progress=plain", "-o", "type=cacheonly", _work.Path).Succeeded().Error.Split('\n');
        var steps = told.Where(line => line.Contains("] COPY ", StringComparison.Ordinal) || line.Contains("] RUN ", StringComparison.Ordinal))
            .ToDictionary(line => line.Split(' ')[0]);
        Assert.NotEmpty(steps);
        return string.Join('\n', steps.Where(step => !told.Contains($"{step.Key} CACHED")).Select(step => step.Value));
    }

    /// <summary>One change of the context: content, permissions, names, kinds, and what nobody may notice.</summary>
    private void Edit(Random random)
    {
        var path = _work.File($"{(random.Next(2) == 0 ? "one" : "two")}/{s_names[random.Next(s_names.Length)]}");
        var isLink = new FileInfo(path).LinkTarget is not null;
        switch (random.Next(7))
        {
            case 0 when !Directory.Exists(path) || isLink:
                File.Delete(path);
                File.WriteAllText(path, $"{random.Next(3)}");
                break;
            case 1 when File.Exists(path) && !isLink:
                // The same length and times: nothing but the change time tells.
                var time = File.GetLastWriteTimeUtc(path);
                File.WriteAllText(path, new string((char)('a' + random.Next(3)), (int)new FileInfo(path).Length));
                File.SetLastWriteTimeUtc(path, time);
                break;
            case 2 when File.Exists(path) && !isLink:
                File.SetUnixFileMode(path, random.Next(2) == 0 ? UnixFileMode.UserRead
                    : UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
                break;
            case 3:
                Remove(path);
                File.CreateSymbolicLink(path, $"target{random.Next(2)}");
                break;
            case 4:
                Remove(path);
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(path, "inner"), $"{random.Next(2)}");
                break;
            case 5:
                Remove(path);
                break;
            default:
                Write("one/skipped", $"{random.Next()}");
                break;
        }
        // A COPY of a pattern wants at least one file.
        Remove(_work.File("two/keep.txt"));
        Write("two/keep.txt", "kept");
    }

    private string Files(params string[] options)
    {
        var archive = Path.Combine(engine.HostFolder, "files.tar");
        engine.Client("gantry").Run(["build", "-q", .. options, "-o", $"type=tar,dest={archive}", _work.Path]).Succeeded();
        // Names, kinds, permissions, links and contents; times are no part of what is built.
        return Command.Shell(
            $"tar --numeric-owner -tvf '{archive}' | awk '{{$4=\"\"; $5=\"\"; print}}' | sort; mkdir '{archive}.d'; tar -C '{archive}.d' -xf '{archive}'; cd '{archive}.d' && find . -type f -exec sha256sum {{}} + | sort; rm -rf '{archive}.d'");
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_work.File(name))!);
        File.WriteAllText(_work.File(name), text);
    }
}
