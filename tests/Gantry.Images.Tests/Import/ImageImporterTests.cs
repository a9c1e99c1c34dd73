using Gantry.Images.Import;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Import;

public sealed class ImageImporterTests : IDisposable
{
    private static readonly byte[] Root = Archives.Layer(("file", "content\n"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private Task<Image> ImportAsync(byte[] archive, string? name, params string[] changes) => new ImageImporter(_world.Store, _world.Unpacker)
        .ImportAsync(new ForwardStream(archive), name is null ? null : ImageReference.Parse(name), changes, "from a test", progress: line => _world.Lines.Add(line.Line!));

    [Fact]
    public async Task A_root_filesystem_becomes_an_image()
    {
        foreach (var archive in (byte[][])[Root, Archives.Gzip(Root), Archives.Zstd(Root), Compressed("bzip2"), Compressed("xz")])
        {
            var image = await ImportAsync(archive, "mine", "CMD [\"sh\"]", "ENV A=1");
            Assert.Equal("content\n", _world.ReadFile(image, "file"));
            Assert.Equal(["mine:latest"], image.RepoTags);
            Assert.Equal(["sh"], image.Config.Config!.Cmd);
            Assert.Equal(Platform.Host, image.Config.Platform);
            Assert.Equal("from a test", image.Config.History![0].Comment);
            Assert.Equal(image.Id.ToString(), _world.Lines[^1]);
            Assert.Equal(8, image.Size);
        }
        _world.Restart();
        Assert.Equal(5, _world.Store.Images.Count);
    }

    /// <summary>The root, compressed by a program of the host.</summary>
    private static byte[] Compressed(string program)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, "-c") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.BaseStream.Write(Root);
        process.StandardInput.Close();
        using var compressed = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(compressed);
        process.WaitForExit();
        return compressed.ToArray();
    }

    [Theory]
    [InlineData("BZh9", "bzip2")]
    [InlineData("not a tar archive at all", "")]
    public async Task What_is_no_archive_is_refused_and_leaves_nothing(string content, string message)
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => ImportAsync(Archives.Bytes(content), "mine"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, ""), _world.Contents());
    }

    [Fact]
    public async Task A_malformed_change_is_refused_first() => await Assert.ThrowsAsync<GantryException>(() => ImportAsync(Root, "mine", "RUN x"));
}

public class ConfigChangesTests
{
    private static ImageRunConfig Apply(params string[] changes) => ConfigChanges.Apply(new ImageRunConfig { Env = ["PATH=/bin"] }, changes);

    [Fact]
    public void Each_instruction_is_understood()
    {
        var config = Apply(
            "cmd echo hi", "ENTRYPOINT [\"/e\", \"x y\"]", "ENV A=1 B=\"two words\" C=$A PATH=$PATH:/x", "ENV D all the rest", "EXPOSE 80 53/udp 9000-9001",
            "LABEL a=b \"c d\"='e f'", "USER u:g", "VOLUME /a /b", "VOLUME [\"/c d\"]", "WORKDIR /w", "WORKDIR sub/../x", "STOPSIGNAL SIGINT", "ONBUILD RUN x",
            "HEALTHCHECK --interval=5s --retries=2 CMD curl x", "");
        Assert.Equal(["/bin/sh", "-c", "echo hi"], config.Cmd);
        Assert.Equal(["/e", "x y"], config.Entrypoint);
        Assert.Equal(["PATH=/bin:/x", "A=1", "B=two words", "C=", "D=all the rest"], config.Env!.Order(Comparer<string>.Create((x, y) => Rank(x) - Rank(y))));
        Assert.Equal(["53/udp", "80/tcp", "9000/tcp", "9001/tcp"], config.ExposedPorts!.Keys.Order());
        Assert.Equal("b", config.Labels!["a"]);
        Assert.Equal("e f", config.Labels["c d"]);
        Assert.Equal(("u:g", "/w/x", "SIGINT"), (config.User, config.WorkingDir, config.StopSignal));
        Assert.Equal(["/a", "/b", "/c d"], config.Volumes!.Keys);
        Assert.Equal(["RUN x"], config.OnBuild);
        Assert.Equal((5_000_000_000L, 2), (config.Healthcheck!.Interval, config.Healthcheck.Retries));
        Assert.Equal(["CMD-SHELL", "curl x"], config.Healthcheck.Test);

        static int Rank(string entry) => "PABCD".IndexOf(entry[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEALTHCHECK NONE", "NONE")]
    [InlineData("HEALTHCHECK CMD [\"a\",\"b\"]", "CMD a b")]
    [InlineData("HEALTHCHECK --timeout=1m30s --start-period=1s CMD x", "CMD-SHELL x")]
    public void Health_checks(string change, string test) => Assert.Equal(test, string.Join(' ', Apply(change).Healthcheck!.Test!));

    [Theory]
    [InlineData("RUN x")]
    [InlineData("FROM x")]
    [InlineData("CMD")]
    [InlineData("EXPOSE x")]
    [InlineData("EXPOSE 80/foo")]
    [InlineData("EXPOSE 99999")]
    [InlineData("ENV A")]
    [InlineData("ENV A=1 B")]
    [InlineData("ENV A=\"open")]
    [InlineData("LABEL ${x")]
    [InlineData("HEALTHCHECK --foo=1 CMD x")]
    [InlineData("HEALTHCHECK --interval=1ns CMD x")]
    [InlineData("HEALTHCHECK NONE x")]
    [InlineData("ONBUILD ONBUILD RUN x")]
    [InlineData("ONBUILD FROM x")]
    public void Malformed_changes_are_refused(string change) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => Apply(change)).Kind);

    [Fact]
    public void The_original_is_not_changed()
    {
        var original = new ImageRunConfig { Env = ["A=1"], Labels = new Dictionary<string, string> { ["l"] = "1" } };
        ConfigChanges.Apply(original, ["ENV A=2", "LABEL l=2"]);
        Assert.Equal(["A=1"], original.Env);
        Assert.Equal("1", original.Labels["l"]);
    }

    [Theory]
    [InlineData("${A:-x}", "1")]
    [InlineData("${N:-x}", "x")]
    [InlineData("${A:+x}", "x")]
    [InlineData("${N:+x}", "")]
    [InlineData("'$A'", "$A")]
    [InlineData("\"$A\"", "1")]
    [InlineData("\\$A", "$A")]
    [InlineData("$A$A-$", "11-$")]
    public void Variables_are_expanded(string text, string expected) =>
        Assert.Equal(expected, ConfigChanges.Apply(new ImageRunConfig { Env = ["A=1"] }, [$"USER {text}"]).User);
}
