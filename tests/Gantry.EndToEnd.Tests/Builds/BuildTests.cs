using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

public sealed class BuildTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly WorkFolder _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void A_simple_image_is_built_and_runs()
    {
        Write("Dockerfile", $"""
            FROM {Engine.Image}
            ARG WHO=nobody
            ENV GREETING="hello $WHO"
            WORKDIR /app
            COPY data/ .
            RUN cat one > two && echo "$GREETING" >> two
            CMD ["cat", "/app/two"]
            """);
        Write("data/one", "from the context\n");
        Build("-t", "e2e-build:simple", "--build-arg", "WHO=you").Succeeded();
        Assert.Equal("from the context\nhello you", engine.Docker.Text("run", "--rm", "e2e-build:simple"));
        Remove("e2e-build:simple");
    }

    [Fact]
    public void A_second_build_runs_nothing_and_gives_the_same_image()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN date +%N > /when\nCOPY file /\nRUN cat /file /when > /both\n");
        Write("file", "one\n");
        var first = Build("-q").Text;
        Assert.Equal(first, Build("-q").Text);
        // Another time of a file is no other content.
        File.SetLastWriteTimeUtc(_work.File("file"), DateTime.UtcNow.AddDays(-1));
        Assert.Equal(first, Build("-q").Text);
        Write("file", "two\n");
        var changed = Build("--progress=plain", "-t", "e2e-build:changed").Succeeded().Error;
        Assert.Contains("CACHED", changed, StringComparison.Ordinal);
        Assert.StartsWith("two\n", engine.Docker.Text("run", "--rm", "e2e-build:changed", "cat", "/both"), StringComparison.Ordinal);
        Remove("e2e-build:changed");
    }

    [Fact]
    public void An_image_without_any_layer_is_the_same_at_each_build()
    {
        Write("Dockerfile", "FROM scratch\nLABEL a=b\n");
        var first = Build("-q", "-t", "e2e-build:empty").Text;
        Assert.Equal(first, Build("-q", "--no-cache").Text);
        Assert.Equal("b []", engine.Docker.Inspect("e2e-build:empty", "{{.Config.Labels.a}} {{.RootFS.Layers}}"));
        Remove("e2e-build:empty");
    }

    [Fact]
    public void Large_files_are_whole_whatever_replaces_them()
    {
        foreach (var (name, content) in new[] { ("one/large", 'a'), ("two/large", 'b'), ("three/large", 'c') })
            Write(name, new string(content, 5 << 20));
        Write("two/small", "small\n");
        Write("Dockerfile", $"""
            FROM {Engine.Image} AS some
            COPY --chmod=640 --chown=3:4 one two /files/
            FROM {Engine.Image}
            COPY three /files/
            COPY --from=some /files /files/
            COPY three/large /other
            RUN cut -c1-3 /files/large /other > /heads; sha256sum /files/large /other | cut -c1-16 > /sums; stat -c '%a %u %g %s' /files/large >> /heads
            """);
        Build("-t", "e2e-build:large").Succeeded();
        Assert.Equal("bbb\nccc\n640 3 4 5242880", engine.Docker.Text("run", "--rm", "e2e-build:large", "cat", "/heads"));
        var sums = engine.Docker.Text("run", "--rm", "e2e-build:large", "cat", "/sums");
        // What is packed is what is there: the layers of the archive, unpacked by another engine's way.
        engine.Docker.Run("save", "-o", _work.File("image.tar"), "e2e-build:large").Succeeded();
        Remove("e2e-build:large");
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        engine.Docker.Run("load", "-i", _work.File("image.tar")).Succeeded();
        Assert.Equal(sums, engine.Docker.Text("run", "--rm", "e2e-build:large", "sh", "-c", "sha256sum /files/large /other | cut -c1-16"));
        Remove("e2e-build:large");
    }

    [Fact]
    public void Stages_that_are_not_needed_are_not_built()
    {
        Write("Dockerfile", $"""
            FROM {Engine.Image} AS broken
            RUN false
            FROM {Engine.Image} AS made
            RUN mkdir /out && echo made > /out/file
            FROM {Engine.Image}
            COPY --from=made --chown=3:4 --chmod=640 /out/ /here/
            """);
        Build("-t", "e2e-build:stages").Succeeded();
        Assert.Equal("640 3 4", engine.Docker.Text("run", "--rm", "e2e-build:stages", "stat", "-c", "%a %u %g", "/here/file"));
        Remove("e2e-build:stages");
    }

    [Fact]
    public void A_step_that_fails_is_shown_with_its_lines()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo said; exit 7\n");
        var failed = Build("--progress=plain");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("said", failed.Error, StringComparison.Ordinal);
        Assert.Contains("   2 | >>> RUN echo said; exit 7", failed.Error, StringComparison.Ordinal);
        Assert.Contains("did not complete successfully: exit code: 7", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ignored_files_are_not_there()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nCOPY . /all/\nRUN cd /all && find . -type f | sort > /list\n");
        Write(".dockerignore", "*\n!keep\n!sub/*.txt\n.dockerignore\n");
        Write("keep", "");
        Write("drop", "");
        Write("sub/a.txt", "");
        Write("sub/b.bin", "");
        Build("-t", "e2e-build:ignored").Succeeded();
        Assert.Equal("./keep\n./sub/a.txt", engine.Docker.Text("run", "--rm", "e2e-build:ignored", "cat", "/list"));
        Remove("e2e-build:ignored");
    }

    [Fact]
    public void Mounts_of_a_step()
    {
        Write("Dockerfile", $"""
            FROM {Engine.Image}
            RUN --mount=type=secret,id=s cat /run/secrets/s > /secret
            RUN --mount=type=cache,target=/cache echo x >> /cache/count; wc -l < /cache/count > /count
            RUN --mount=type=bind,source=file,target=/bound cat /bound > /copied
            RUN --mount=type=tmpfs,target=/memory touch /memory/x
            RUN <<EOF
            cat /secret /copied > /all
            ls -A /cache /memory >> /all 2>/dev/null || true
            EOF
            """);
        Write("file", "bound\n");
        Write("secret", "hidden\n");
        Build("-t", "e2e-build:mounts", "--secret", $"id=s,src={_work.File("secret")}").Succeeded();
        Assert.Equal("hidden\nbound", engine.Docker.Text("run", "--rm", "e2e-build:mounts", "head", "-n", "2", "/all"));
        Remove("e2e-build:mounts");
    }

    [Fact]
    public void The_classic_builder_of_dockers_client()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nLABEL a=b\nRUN echo ran\nCOPY file /\nCMD [\"cat\", \"/file\"]\n");
        Write("file", "sent\n");
        var built = Command.Shell($"DOCKER_BUILDKIT=0 '{TestEnvironment.DockerClient}' -H {engine.Host} build -t e2e-build:classic '{_work.Path}' 2>/dev/null");
        Assert.Contains("Step 1/5 : FROM", built, StringComparison.Ordinal);
        Assert.Contains("\nran\n", built, StringComparison.Ordinal);
        Assert.Contains("Successfully built ", built, StringComparison.Ordinal);
        Assert.Contains("Successfully tagged e2e-build:classic", built, StringComparison.Ordinal);
        Assert.Equal("sent", engine.Docker.Text("run", "--rm", "e2e-build:classic"));
        Remove("e2e-build:classic");
    }

    [Fact]
    public void Nothing_can_be_built_of_what_is_not_there()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nCOPY missin /\n");
        Write("missing", "");
        Assert.Contains("\"/missin\": not found (did you mean missing?)", Build("--progress=plain").Error, StringComparison.Ordinal);
        Write("Dockerfile", $"FROM {Engine.Image}\nRUNN x\n");
        Assert.Contains("unknown instruction: RUNN (did you mean RUN?)", Build("--progress=plain").Error, StringComparison.Ordinal);
    }

    private CommandResult Build(params string[] options) => engine.Client("gantry").Run(["build", .. options, _work.Path]);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_work.File(name))!);
        File.WriteAllText(_work.File(name), text);
    }

    private void Remove(string image) => engine.Docker.Run("rmi", "-f", image).Succeeded();
}
