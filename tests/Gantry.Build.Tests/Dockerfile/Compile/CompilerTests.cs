using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Build.Tests.Dockerfile.Compile;

public class CompilerTests
{
    [Fact]
    public async Task Only_stages_that_the_target_needs_are_compiled()
    {
        var image = await CompileAsync("FROM missing AS a\nRUN a\nFROM base AS b\nRUN b\nFROM base\nCOPY --from=b /x /x\nRUN c\n");
        var commands = image.Root!.Closure().Select(node => node.Operation).OfType<ExecOperation>().Select(exec => exec.Arguments[^1]);
        Assert.Equal(["b", "c"], commands.Order());
    }

    [Fact]
    public async Task Arguments_are_those_of_their_stage()
    {
        var image = await CompileAsync(
            "ARG G=global\nFROM base AS one\nARG S=stage\nFROM base\nARG G\nARG S\nARG T=${G}-x\nENV R=\"$G $S $T\"\n",
            new FrontendOptions { Arguments = new Dictionary<string, string>() });
        Assert.Contains("R=global  global-x", image.Config.Config!.Env!);
    }

    [Fact]
    public async Task Given_arguments_come_before_defaults_and_variables_before_arguments()
    {
        var image = await CompileAsync(
            "FROM base\nARG A=default\nENV B=$A\nENV A=variable\nRUN x\n",
            new FrontendOptions { Arguments = new Dictionary<string, string> { ["A"] = "given" } });
        Assert.Contains("B=given", image.Config.Config!.Env!);
        var exec = (ExecOperation)image.Root!.Operation;
        Assert.Contains("A=variable", exec.Environment);
        Assert.Equal("RUN |1 A=variable /bin/sh -c x # buildkit", image.History[^1].CreatedBy);
    }

    [Fact]
    public async Task Equal_instructions_are_equal_nodes_whatever_is_written_beside_them()
    {
        var one = await CompileAsync("FROM base\nRUN x\n");
        var other = await CompileAsync("# a comment\nFROM base AS named\nLABEL a=b\nRUN   x\n");
        Assert.Equal(one.Root!.Digest, other.Root!.Digest);
        Assert.NotEqual(one.Root.Digest, (await CompileAsync("FROM base\nENV A=1\nRUN x\n")).Root!.Digest);
    }

    [Fact]
    public async Task A_context_that_is_no_image_is_a_base_of_its_files_alone()
    {
        var image = await CompileAsync("FROM Files\nRUN x\n",
            new FrontendOptions { NamedContexts = new Dictionary<string, string> { ["files"] = "local:files" } });
        Assert.Equal([typeof(LocalSource), typeof(FileOperation), typeof(ExecOperation)], image.Root!.Closure().Select(node => node.Operation.GetType()));
        Assert.Equal("/", image.Config.Config!.WorkingDir);
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], image.Config.Config.Env!);
    }

    [Fact]
    public async Task The_target_can_be_named()
    {
        var image = await CompileAsync("FROM base AS one\nCMD [\"one\"]\nFROM base\nCMD [\"two\"]\n", new FrontendOptions { Target = "one" });
        Assert.Equal(["one"], image.Config.Config!.Cmd!);
        var error = await Assert.ThrowsAsync<Oci.GantryException>(() => CompileAsync("FROM base AS one\n", new FrontendOptions { Target = "onne" }));
        Assert.Equal("target stage \"onne\" could not be found (did you mean one?)", error.Message);
    }

    [Fact]
    public async Task The_classic_builder_knows_targets_by_name_alone()
    {
        const string text = "ARG G\nFROM base AS One\nARG A\nFROM base\nARG B\n";
        var image = await CompileAsync(text, new FrontendOptions { Target = "ONE", IsClassic = true });
        Assert.Equal(["A", "G"], image.DeclaredArguments.Order());
        Assert.NotNull(await CompileAsync(text, new FrontendOptions { Target = "0" }));
        var error = await Assert.ThrowsAsync<Oci.GantryException>(() => CompileAsync(text, new FrontendOptions { Target = "0", IsClassic = true }));
        Assert.Equal("target stage \"0\" could not be found", error.Message);
    }

    [Fact]
    public async Task Triggers_of_the_base_come_first()
    {
        var image = await CompileAsync("FROM trigger\nRUN own\n");
        Assert.Equal(["triggered", "own"], image.Root!.Closure().Select(node => node.Operation).OfType<ExecOperation>().Select(exec => exec.Arguments[^1]));
        Assert.Null(image.Config.Config!.OnBuild);
    }

    [Theory]
    [InlineData("FROM base\nEXPOSE 80/xdp\n", "invalid proto: xdp")]
    [InlineData("FROM base\nRUN --network=hots x\n", "dockerfile parse error on line 2: invalid network mode \"hots\" (did you mean host?)")]
    [InlineData("FROM base\nRUN --mount=type=chache,target=/x x\n", "unsupported mount type \"chache\" (did you mean cache?)")]
    [InlineData("FROM base\nENV A=${B:?missing}\n", "failed to process \"${B:?missing}\": B: missing")]
    public async Task What_cannot_be_is_refused_with_its_line(string text, string message)
    {
        var error = await Assert.ThrowsAsync<DockerfileException>(() => CompileAsync(text));
        Assert.Equal(message, error.Message);
        Assert.Contains("2 | >>>", error.Excerpt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_variable_and_an_argument_the_later_one_counts()
    {
        var image = await CompileAsync("FROM base\nENV A=variable\nARG A=argument\nRUN x\n");
        Assert.Contains("A=argument", ((ExecOperation)image.Root!.Operation).Environment);
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=variable"], image.Config.Config!.Env!);
    }

    [Fact]
    public async Task The_history_tells_the_values_of_arguments()
    {
        var image = await CompileAsync("ARG G=1\nFROM base\nARG G\nARG H=default\n",
            new FrontendOptions { Arguments = new Dictionary<string, string> { ["H"] = "given" } });
        Assert.Equal(["ARG G=1", "ARG H=given"], image.History.Select(entry => entry.CreatedBy!));
    }

    [Fact]
    public async Task Results_of_other_builds_are_bases_and_sources()
    {
        var other = await CompileAsync("FROM base\nENV A=1\nRUN other\n");
        var options = new FrontendOptions { NamedResults = new Dictionary<string, NamedResult> { ["other"] = new(other.Root, other.Config) } };
        var image = await CompileAsync("FROM other\nCOPY --from=OTHER /a /b\n", options);
        Assert.Same(other.Root, image.Root!.Inputs[0]);
        Assert.Same(other.Root, image.Root.Inputs[1]);
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"], image.Config.Config!.Env!);
    }

    [Theory]
    [InlineData("FROM base\nRUN a\n", "[1/2] FROM docker.io/library/base:latest", "[2/2] RUN a")]
    [InlineData("FROM base\nRUN --network=none a\n", "[1/2] FROM docker.io/library/base:latest", "[2/2] RUN --network=none a")]
    [InlineData("FROM base\nRUN --mount=type=secret,id=x a\n", "[stage-0 1/2] FROM docker.io/library/base:latest", "[stage-0 2/2] RUN --mount=type=secret,id=x a")]
    [InlineData("FROM base AS one\nRUN --mount=type=tmpfs,target=/t a\n",
        "[one 1/2] FROM docker.io/library/base:latest", "[one 2/2] RUN --mount=type=tmpfs,target=/t a")]
    [InlineData("FROM base\nCOPY --from=base /a /b\n", "FROM docker.io/library/base:latest", "[stage-0 2/2] COPY --from=base /a /b")]
    [InlineData("FROM base AS one\nRUN a\nFROM base\nCOPY --from=one /a /b\n",
        "[one 1/2] FROM docker.io/library/base:latest", "[one 2/2] RUN a", "[stage-1 2/2] COPY --from=one /a /b")]
    [InlineData("FROM base\nRUN <<EOT\n\necho $X\necho b\nEOT\n", "[1/2] FROM docker.io/library/base:latest", "[2/2] RUN <<EOT (echo $X...)")]
    [InlineData("FROM base\nRUN <<EOT\necho a\nEOT\n", "[1/2] FROM docker.io/library/base:latest", "[2/2] RUN <<EOT (echo a)")]
    [InlineData("FROM base\nRUN cat <<EOT\necho a\nEOT\n", "[1/2] FROM docker.io/library/base:latest", "[2/2] RUN cat <<EOT")]
    public async Task Steps_are_called_as_BuildKit_calls_them(string text, params string[] names)
    {
        var image = await CompileAsync(text);
        Assert.Equal(names, image.Root!.Closure().Select(node => image.Names[node.Digest]).Distinct());
    }

    [Fact]
    public async Task Numbers_of_steps_are_right_aligned()
    {
        var image = await CompileAsync($"FROM base\n{string.Concat(Enumerable.Range(1, 10).Select(i => $"RUN echo {i}\n"))}");
        var names = image.Root!.Closure().Select(node => node.Label.Name).ToList();
        Assert.Equal(["[ 2/11] RUN echo 1", "[10/11] RUN echo 9", "[11/11] RUN echo 10"], [names[1], names[9], names[10]]);
    }

    private static Task<CompiledImage> CompileAsync(string text, FrontendOptions? options = null) => DockerfileCompiler.CompileAsync(
        DockerfileDocument.Parse(new SourceFile("Dockerfile", text)), options ?? new FrontendOptions(), new Images(), CancellationToken.None);

    private sealed class Images : IImageResolver
    {
        public Task<Image> ResolveAsync(string reference, Platform platform, CancellationToken cancellation)
        {
            if (reference == "missing")
                throw Oci.GantryException.NotFound("No such image: missing");
            var id = Digest.Compute(System.Text.Encoding.UTF8.GetBytes(reference));
            return Task.FromResult(new Image
            {
                Id = id, Manifest = new Descriptor { Digest = id }, Target = new Descriptor { Digest = id }, Layers = [],
                Config = new ImageConfig { Os = "linux", Architecture = "amd64",
                    Config = new ImageRunConfig { OnBuild = reference == "trigger" ? ["RUN triggered"] : null } },
            });
        }
    }
}
