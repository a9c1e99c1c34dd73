using System.Globalization;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>What becomes of builds beside an image of the store, builds that are to come out the same, and those that fail.</summary>
public sealed class BuildOutputTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly WorkFolder _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void The_same_inputs_and_time_give_the_same_digest()
    {
        const string epoch = "1700000000";
        Write("Dockerfile", $"FROM {Engine.Image}\nCOPY file /\nRUN mkdir /made && echo x > /made/file && ln -s file /made/link\nWORKDIR /work\n");
        Write("file", "one\n");
        string Digest()
        {
            // The times of the steps themselves differ.
            Thread.Sleep(1100);
            File.SetLastWriteTimeUtc(_work.File("file"), DateTime.UtcNow);
            Build("--no-cache", "--build-arg", $"SOURCE_DATE_EPOCH={epoch}", "--metadata-file", _work.File("metadata"));
            return JsonNode.Parse(File.ReadAllText(_work.File("metadata")))!["containerimage.digest"]!.GetValue<string>();
        }
        Assert.Equal(Digest(), Digest());
        Build("--build-arg", $"SOURCE_DATE_EPOCH={epoch}", "-o", $"type=tar,dest={_work.File("files.tar")}");
        var newest = Command.Shell($"tar --full-time -tvf '{_work.File("files.tar")}' made work file | awk '{{print $4, $5}}' | sort -u").Trim();
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), newest);
    }

    [Fact]
    public void Files_of_several_platforms_lie_in_folders()
    {
        Write("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /which\n");
        Write("amd64", "one\n");
        Write("arm64", "two\n");
        Build("--platform", "linux/amd64,linux/arm64", "-o", _work.File("out"));
        Assert.Equal(("one\n", "two\n"), (File.ReadAllText(_work.File("out/linux_amd64/which")), File.ReadAllText(_work.File("out/linux_arm64/which"))));
        Build("-o", $"type=local,dest={_work.File("split")},platform-split=true");
        Assert.Equal("one\n", File.ReadAllText(_work.File("split/linux_amd64/which")));
        Build("--platform", "linux/amd64,linux/arm64", "-o", $"type=tar,dest={_work.File("both.tar")}");
        Assert.Contains("linux_arm64/which", Command.Shell($"tar -tf '{_work.File("both.tar")}'"), StringComparison.Ordinal);
    }

    /// <summary>As descriptors, as an archive, and file by file where the daemon is not in the client's network namespace.</summary>
    [Fact]
    public void Large_files_are_the_same_however_they_come()
    {
        foreach (var folder in (string[])["here", "elsewhere"])
        {
            Write($"{folder}/Dockerfile", "FROM scratch\nCOPY . /\n");
            var random = new Random(7);
            foreach (var size in (int[])[(1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3_000_007])
            {
                var content = new byte[size];
                random.NextBytes(content);
                File.WriteAllBytes(_work.File($"{folder}/{size}"), content);
            }
        }
        var build = $"'{TestEnvironment.Gantry}' -H {engine.Host} build -t e2e-large --build-arg SOURCE_DATE_EPOCH=1";
        string[] ways = [$"{build} here", $"tar -C here -c . | {build} -", $"unshare -n {build} elsewhere"];
        var layers = ways.Select(way =>
        {
            Command.Shell($"cd '{_work.Path}' && {way}");
            var found = engine.Docker.Inspect("e2e-large", "{{.RootFS.Layers}}");
            engine.Docker.Run("rmi", "-f", "e2e-large").Succeeded();
            engine.Docker.Run("builder", "prune", "-af").Succeeded();
            return found;
        }).ToList();
        Assert.Single(layers.Distinct());
        Assert.Contains("sha256:", layers[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Holes_stay_holes()
    {
        const int most = 2000; // KiB
        Command.Shell($"cd '{_work.Path}' && truncate -s 256M file && echo end >> file");
        Write("Dockerfile", "FROM scratch\nCOPY file /file\n");
        var before = Used();
        Build("-t", "e2e-holes");
        Build("-o", _work.File("out"));
        Assert.InRange(Used() - before, 0, most);
        Assert.InRange(KibibytesOf(_work.File("out")), 1, most);
        Command.Shell($"cmp '{_work.File("file")}' '{_work.File("out/file")}'");
        // An archive tells its holes.
        Command.Shell(
            $"cd '{_work.Path}' && tar --sparse -cf sparse.tar Dockerfile file && '{TestEnvironment.Gantry}' -H {engine.Host} build -t e2e-holes:2 - < sparse.tar");
        Assert.Equal(engine.Docker.Inspect("e2e-holes", "{{.RootFS.Layers}}"), engine.Docker.Inspect("e2e-holes:2", "{{.RootFS.Layers}}"));
        engine.Docker.Run("save", "-o", _work.File("saved.tar"), "e2e-holes").Succeeded();
        engine.Docker.Run("rmi", "-f", "e2e-holes", "e2e-holes:2").Succeeded();
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        before = Used();
        engine.Docker.Run("load", "-i", _work.File("saved.tar")).Succeeded();
        Assert.InRange(Used() - before, 0, most);
        engine.Docker.Run("rmi", "-f", "e2e-holes").Succeeded();

        long Used() => KibibytesOf(engine.Daemon.Root);
        static long KibibytesOf(string folder) => long.Parse(Command.Shell($"du -sk '{folder}'").Split('\t')[0], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void Layers_of_an_archive_are_compressed(string kind)
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo x > /x\n");
        Build("-o", $"type=oci,dest={_work.File("image.tar")},compression={kind}");
        Command.Shell($"cd '{_work.Path}' && mkdir layout && tar -C layout -xf image.tar");
        var index = JsonNode.Parse(File.ReadAllText(_work.File("layout/index.json")))!;
        var manifest = JsonNode.Parse(
            File.ReadAllText(_work.File($"layout/blobs/sha256/{index["manifests"]![0]!["digest"]!.GetValue<string>()["sha256:".Length..]}")))!;
        Assert.All(manifest["layers"]!.AsArray(), layer => Assert.EndsWith($"+{kind}", layer!["mediaType"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_of_a_base_get_another_form_when_it_is_forced()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo x > /x\n");
        Build("-o", "type=image,name=e2e-output:gzip,compression=gzip");
        Write("Dockerfile", "FROM e2e-output:gzip\nRUN echo y > /y\n");
        Assert.Equal(["gzip", "gzip", "zstd"], Forms("compression=zstd"));
        Assert.Equal(["zstd", "zstd", "zstd"], Forms("compression=zstd,force-compression=true"));
        Assert.Equal(["tar", "tar", "tar"], Forms("compression=uncompressed,force-compression=true"));
        Assert.Equal(["gzip", "gzip", "gzip"], Forms("compression-level=0"));
        Build("-o", "type=image,name=e2e-output:zstd,compression=zstd,compression-level=19,force-compression=true");
        Assert.Equal("x\ny", engine.Docker.Text("run", "--rm", "e2e-output:zstd", "cat", "/x", "/y"));
        engine.Docker.Run("rmi", "-f", "e2e-output:gzip", "e2e-output:zstd").Succeeded();

        string[] Forms(string attributes)
        {
            var layout = Directory.CreateDirectory(_work.File($"layout-{Guid.NewGuid():N}")).FullName;
            Build("-o", $"type=oci,dest={layout}.tar,{attributes}");
            Command.Shell($"tar -C '{layout}' -xf '{layout}.tar'");
            var manifest = Document(Document("index.json")["manifests"]![0]!["digest"]!.GetValue<string>());
            return [.. manifest["layers"]!.AsArray().Select(layer => layer!["mediaType"]!.GetValue<string>().Split('+', '.')[^1])];

            JsonNode Document(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(layout, name.Replace("sha256:", "blobs/sha256/"))))!;
        }
    }

    [Fact]
    public void An_image_in_a_layout_is_a_base()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo below > /below\n");
        Build("-o", $"type=oci,dest={_work.File("image.tar")},name=layout:1");
        Command.Shell($"cd '{_work.Path}' && mkdir layout && tar -C layout -xf image.tar");
        var digest = JsonNode.Parse(File.ReadAllText(_work.File("layout/index.json")))!["manifests"]![0]!["digest"]!.GetValue<string>();
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        Write("Dockerfile", "FROM base\nCOPY --from=base /below /copied\nRUN cat /below /copied > /both\n");
        Build("-q", "--build-context", $"base=oci-layout://{_work.File("layout")}@{digest}", "-t", "e2e-output:layout");
        Assert.Equal("below\nbelow", engine.Docker.Text("run", "--rm", "e2e-output:layout", "cat", "/both"));
        engine.Docker.Run("rmi", "-f", "e2e-output:layout").Succeeded();
    }

    [Fact]
    public void The_files_of_a_step_that_failed_are_kept()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nENV WHO=you\nWORKDIR /app\nRUN echo half > done; exit 3\n");
        var failed = engine.Client("gantry").Run("build", "--debug", _work.Path);
        Assert.Equal(1, failed.ExitCode);
        var image = failed.Error.Split('\n').Single(line => line.StartsWith("the files of the failed step are the image ", StringComparison.Ordinal))
            .Split(' ')[^1];
        Assert.Equal("half you /app", engine.Docker.Text("run", "--rm", "--entrypoint", "sh", image, "-c", "echo $(cat done) $WHO $PWD"));
        Assert.DoesNotContain("the files of the failed step", engine.Client("gantry").Run("build", _work.Path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubtful_and_wrong_instructions_are_told()
    {
        Write("Dockerfile", $"# check=experimental=CopyIgnoredFile\nFROM {Engine.Image}\nCOPY ./left/out /\n");
        Write(".dockerignore", "left\n");
        Write("left/out", "");
        Assert.Contains("Attempting to Copy file \"./left/out\" that is excluded by .dockerignore",
            engine.Client("gantry").Run("build", "--check", _work.Path).Output, StringComparison.Ordinal);
        Write("Dockerfile", $"FROM {Engine.Image}\nSTOPSIGNAL SIGNONE\n");
        Assert.Contains("invalid signal: SIGNONE", engine.Client("gantry").Run("build", _work.Path).Error, StringComparison.Ordinal);
    }

    private void Build(params string[] options) => engine.Client("gantry").Run(["build", .. options, _work.Path]).Succeeded();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_work.File(name))!);
        File.WriteAllText(_work.File(name), text);
    }
}
