using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Registry;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>The commands of <c>buildx</c> besides <c>build</c>.</summary>
public sealed class BuildxTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private readonly WorkFolder _work = new();
    private readonly LocalRegistry _registry = new();

    private Client Gantry => engine.Client("gantry");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _work.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public void What_the_cache_occupies_is_told()
    {
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo 12345 > /file\nRUN echo other > /other\n");
        Gantry.Run("build", "-o", "type=cacheonly", _work.Path).Succeeded();
        var lines = Gantry.Run("buildx", "du", "--filter", "type=regular").Lines;
        Assert.StartsWith("ID", lines[0], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.Contains(" 6B ", StringComparison.Ordinal)));
        Assert.Contains("Total:\t\t12B", lines);
        Assert.Contains("RUN echo 12345", Gantry.Text("buildx", "du", "--verbose"), StringComparison.Ordinal);
        Assert.Matches("Build Cache +3 ", engine.Docker.Text("system", "df")); // The context is the third.
    }

    [Fact]
    public void Builds_that_there_were_are_listed_shown_and_removed()
    {
        Write("Dockerfile", $"FROM {Engine.Image} AS some\nARG A\nRUN echo said in the build; exit 4\n");
        Gantry.Run("build", "--target", "some", "--build-arg", "A=b", _work.Path);
        var name = Gantry.Text("buildx", "history", "ls", "--format", "{{.Ref}}").Split('\n')[0];
        Assert.Equal($"{name} Dockerfile (some) Error",
            Gantry.Text("buildx", "history", "ls", "--filter", $"ref={name}", "--format", "{{.Ref}} {{.Name}} {{.Status}}"));
        Assert.Contains("A=b", Gantry.Text("buildx", "history", "inspect", name), StringComparison.Ordinal);
        Assert.Contains("said in the build", Gantry.Text("buildx", "history", "logs", name), StringComparison.Ordinal);
        Assert.Equal("some error Dockerfile A=b",
            Gantry.Text("buildx", "history", "inspect", "--format",
                "{{.Target}} {{.Status}} {{.Dockerfile}} {{range .BuildArgs}}{{.Name}}={{.Value}}{{end}}", name));
        Assert.Equal(name, JsonNode.Parse(Gantry.Text("buildx", "history", "inspect", "--format", "json", name))!["Ref"]!.GetValue<string>());
        Gantry.Run("buildx", "history", "rm", name).Succeeded();
        Assert.DoesNotContain(name, Gantry.Text("buildx", "history", "ls", "--format", "{{.Ref}}"), StringComparison.Ordinal);
        Assert.Contains("no record found", Gantry.Run("buildx", "history", "logs", name).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker-bake.json", """
        {"variable": {"TEXT": {"default": "default"}}, "group": {"default": {"targets": ["app"]}},
         "target": {"base": {"dockerfile": "base.Dockerfile", "args": {"TEXT": "${TEXT}"}},
                    "app": {"inherits": ["common"], "contexts": {"below": "target:base"}, "tags": ["e2e-bake:app"]}, "common": {"labels": {"a": "b"}}}}
        """)]
    [InlineData("docker-bake.hcl", """
        # A comment.
        variable "TEXT" { default = "default" }
        group "default" { targets = ["app"] }
        target "base" {
          dockerfile = "base.Dockerfile"
          args = { TEXT = TEXT }
        }
        target "common" { labels = { "a" = "b" } }
        target "app" {
          inherits = ["common"]
          contexts = { below = "target:base" }
          tags     = ["e2e-bake:app"]
        }
        """)]
    public void Targets_of_a_file_are_built(string file, string text)
    {
        Write(file, text);
        Write("base.Dockerfile", $"FROM {Engine.Image}\nARG TEXT\nRUN echo $TEXT > /text\n");
        Write("Dockerfile", "FROM below\nRUN cat /text > /copied\n");
        Command.Shell($"cd '{_work.Path}' && TEXT=environment '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake");
        Assert.Equal("environment", engine.Docker.Text("run", "--rm", "e2e-bake:app", "cat", "/copied"));
        Assert.Equal("b", engine.Docker.Inspect("e2e-bake:app", "{{.Config.Labels.a}}"));
        var printed = JsonNode.Parse(Command.Shell(
            $"cd '{_work.Path}' && '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake --print --set app.labels.c=d --set *.platform=linux/amd64"))!;
        Assert.Equal("d", printed["target"]!["app"]!["labels"]!["c"]!.GetValue<string>());
        Assert.Equal("linux/amd64", printed["target"]!["base"]!["platforms"]![0]!.GetValue<string>());
        engine.Docker.Run("rmi", "-f", "e2e-bake:app").Succeeded();
        Assert.DoesNotContain("gantry-bake-", engine.Docker.Text("images", "--format", "{{.Repository}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("target \"x\" { tags = [nothing(\"a\")] }", "docker-bake.hcl:1: the function nothing() is not implemented")]
    [InlineData("target \"x\" { tags = [\"${NONE}\"] }", "There is no variable named \"NONE\"")]
    [InlineData("resource \"x\" {}", "the block \"resource\" is unknown")]
    [InlineData("target \"x\" {\n matrix = { a = [\"1\"] }\n}", "a matrix needs a name")]
    [InlineData("target \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\"] }\ngroup \"default\" { targets = [\"a\"] }", "infinite loop from a")]
    public void What_is_wrong_in_a_file_is_told(string text, string expected)
    {
        Write("docker-bake.hcl", text);
        Assert.Contains(expected, Command.Shell($"cd '{_work.Path}' && ! '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake 2>&1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_is_a_target_for_each_combination()
    {
        Write("docker-bake.hcl", """
            variable "TAG" {
              default = "1"
              validation {
                condition     = TAG != ""
                error_message = "give TAG"
              }
            }
            function "name" {
              params = [part]
              result = lower("e2e-bake-matrix:${part}")
            }
            target "app" {
              name   = "app-${color}-${replace(size.name, ".", "-")}"
              matrix = { color = ["Red", "blue"], size = [{ name = "1.0", bytes = 1 }, { name = "2.0", bytes = 2 }] }
              args   = { COLOR = color, BYTES = size.bytes * 10 }
              tags   = [name("${color}-${size.name}-${TAG}")]
              dockerfile-inline = <<-EOF
                FROM gantry-e2e:latest
                ARG COLOR
                ARG BYTES
                RUN echo $COLOR $BYTES > /made
              EOF
            }
            """);
        Command.Shell($"cd '{_work.Path}' && '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake app");
        Assert.Equal("blue 20", engine.Docker.Text("run", "--rm", "e2e-bake-matrix:blue-2.0-1", "cat", "/made"));
        var images = engine.Docker.Text("images", "--format", "{{.Tag}}", "e2e-bake-matrix").Split('\n').Order();
        Assert.Equal(["blue-1.0-1", "blue-2.0-1", "red-1.0-1", "red-2.0-1"], images);
        Command.Shell($"'{TestEnvironment.Gantry}' -H {engine.Host} rmi -f $('{TestEnvironment.Gantry}' -H {engine.Host} images -q e2e-bake-matrix)");
        Assert.Contains("give TAG", Command.Shell($"cd '{_work.Path}' && ! TAG= '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake --print app 2>&1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_compose_file_is_a_bake_file()
    {
        Write("compose.yaml", "services:\n  web:\n    image: e2e-bake:web\n    build: .\n");
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo web > /web\n");
        Command.Shell($"cd '{_work.Path}' && '{TestEnvironment.Gantry}' -H {engine.Host} buildx bake web");
        Assert.Equal("web", engine.Docker.Text("run", "--rm", "e2e-bake:web", "cat", "/web"));
        engine.Docker.Run("rmi", "-f", "e2e-bake:web").Succeeded();
    }

    [Fact]
    public void Images_in_a_registry_are_shown_and_joined()
    {
        var name = $"{_registry.Authority}/app";
        Write("Dockerfile", $"FROM {Engine.Image}\nLABEL a=b\n");
        Gantry.Run("build", "-t", $"{name}:1", "--push", _work.Path).Succeeded();
        Assert.Contains("MediaType: application/vnd.oci.image.manifest.v1+json", Gantry.Text("buildx", "imagetools", "inspect", $"{name}:1"),
            StringComparison.Ordinal);
        Gantry.Run("buildx", "imagetools", "create", "-t", $"{name}:both", "--annotation", "index:x=y", $"{name}:1").Succeeded();
        var shown = Gantry.Text("buildx", "imagetools", "inspect", $"{name}:both");
        Assert.Contains("Platform:  linux/amd64", shown, StringComparison.Ordinal);
        Assert.Equal("y", Gantry.Text("buildx", "imagetools", "inspect", "--format", "{{index .Manifest.annotations \"x\"}}", $"{name}:both"));
        // Sources by digest or from a file; one platform; a plain copy.
        var digest = Gantry.Text("buildx", "imagetools", "inspect", "--format", "{{.Manifest.digest}}", $"{name}:1");
        Write("descriptor.json", $$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{digest}}","size":1}""");
        Assert.Equal("", Gantry.Text("buildx", "imagetools", "create", "--progress", "none", "-t", $"{name}:file", "-f", _work.File("descriptor.json")));
        Gantry.Run("buildx", "imagetools", "create", "--prefer-index=false", "-t", $"{name}:copy", digest).Succeeded();
        Assert.Equal(digest, Gantry.Text("buildx", "imagetools", "inspect", "--format", "{{.Manifest.digest}}", $"{name}:copy"));
        Assert.Contains(digest, Gantry.Text("buildx", "imagetools", "create", "--dry-run", "-p", "linux/amd64", $"{name}:both"), StringComparison.Ordinal);
        Assert.Contains("no image of the sources is for linux/s390x",
            Gantry.Run("buildx", "imagetools", "create", "--dry-run", "-p", "linux/s390x", $"{name}:both").ExitsWithFailure().Error, StringComparison.Ordinal);
        engine.Docker.Run("rmi", "-f", $"{name}:1").Succeeded();
    }

    [Fact]
    public void There_is_one_builder()
    {
        Assert.Contains("default*", Gantry.Text("buildx", "ls"), StringComparison.Ordinal);
        Assert.Contains("Driver: docker", Gantry.Text("buildx", "inspect"), StringComparison.Ordinal);
        Gantry.Run("buildx", "use", "default").Succeeded();
        Gantry.Run("buildx", "version").Succeeded();
        Assert.Contains("no builder \"other\" found", Gantry.Run("buildx", "use", "other").Error, StringComparison.Ordinal);
        Assert.Contains("builders cannot be created", Gantry.Run("buildx", "create", "--driver", "docker-container", "--use").Error, StringComparison.Ordinal);
        Assert.Contains("cannot be removed", Gantry.Run("buildx", "rm", "default").Error, StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(_work.File(name), text);
}
