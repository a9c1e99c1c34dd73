using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Registry;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>What is said of an image beside it, and annotations, as a registry has them after a push.</summary>
public sealed class AttestationTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private readonly WorkFolder _work = new();
    private readonly LocalRegistry _registry = new();

    private string Name => $"{_registry.Authority}/app:1";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        engine.Docker.Run("rmi", "-f", Name);
        _work.Dispose();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("mode=min", "https://slsa.dev/provenance/v0.2")]
    [InlineData("mode=max,version=v1", "https://slsa.dev/provenance/v1")]
    public void A_provenance_tells_of_what_an_image_was_made(string options, string type)
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nARG SECRET\nRUN echo made > /file\n");
        Build("--provenance", options, "--build-arg", "SECRET=careless", "-t", Name, "--push");
        var (manifest, statement) = Statement(type);
        Assert.Equal($"pkg:docker/{_registry.Authority}/app@1?platform=linux%2Famd64", statement["subject"]![0]!["name"]!.GetValue<string>());
        Assert.Equal(manifest["digest"]!.GetValue<string>()["sha256:".Length..], statement["subject"]![0]!["digest"]!["sha256"]!.GetValue<string>());
        var text = statement.ToJsonString();
        Assert.Contains("pkg:docker/gantry-e2e@latest", text, StringComparison.Ordinal);
        // Values are told by those alone who ask for everything.
        Assert.Equal(options.Contains("max", StringComparison.Ordinal), text.Contains("careless", StringComparison.Ordinal));
        // The image is what it was.
        engine.Docker.Run("rmi", "-f", Name).Succeeded();
        engine.Docker.Run("pull", Name).Succeeded();
        Assert.Equal("made", engine.Docker.Text("run", "--rm", Name, "cat", "/file"));
    }

    [Fact]
    public void Statements_may_be_an_artifact_about_their_image()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo made > /file\n");
        Build("--provenance", "mode=min", "--output", $"type=image,name={Name},push=true,oci-artifact=true");
        var (image, _) = Statement("https://slsa.dev/provenance/v0.2");
        var index = JsonNode.Parse(_registry.Manifest("app:1").Bytes)!;
        var artifact = JsonNode.Parse(_registry.Manifest($"app@{index["manifests"]![1]!["digest"]}").Bytes)!;
        Assert.Equal("application/vnd.docker.attestation.manifest.v1+json", artifact["artifactType"]!.GetValue<string>());
        Assert.Equal("e30=", artifact["config"]!["data"]!.GetValue<string>());
        Assert.Equal("application/vnd.oci.empty.v1+json", artifact["config"]!["mediaType"]!.GetValue<string>());
        Assert.Equal("{}", Encoding.UTF8.GetString(_registry.Blob("app", artifact["config"]!["digest"]!.GetValue<string>())));
        Assert.Equal(["mediaType", "digest", "size"], artifact["subject"]!.AsObject().Select(member => member.Key));
        Assert.Equal(image["digest"]!.GetValue<string>(), artifact["subject"]!["digest"]!.GetValue<string>());
        engine.Docker.Run("rmi", "-f", Name).Succeeded();
        engine.Docker.Run("pull", Name).Succeeded();
        Assert.Equal("made", engine.Docker.Text("run", "--rm", Name, "cat", "/file"));
    }

    [Theory]
    [InlineData("--provenance=false")]
    [InlineData("--provenance=true")]
    public void An_image_can_be_pushed_by_its_digest_alone(string provenance)
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nRUN echo made > /file\n");
        Build(provenance, "--output", $"type=image,name={_registry.Authority}/app,push-by-digest=true,name-canonical=true,push=true", "--metadata-file",
            _work.File("metadata"));
        var digest = JsonNode.Parse(File.ReadAllText(_work.File("metadata")))!["containerimage.digest"]!.GetValue<string>();
        Assert.Equal(digest, LocalRegistry.DigestOf(_registry.Manifest($"app@{digest}").Bytes));
        Assert.Throws<KeyNotFoundException>(() => _registry.Manifest("app:latest"));
        Assert.Equal("made", engine.Docker.Text("run", "--rm", $"{_registry.Authority}/app@{digest}", "cat", "/file"));
        engine.Docker.Run("rmi", "-f", $"{_registry.Authority}/app@{digest}").Succeeded();
        var tagged = engine.Client("gantry").Run("build", "--output", $"type=image,name={Name},push-by-digest=true,push=true", _work.Path);
        Assert.Contains($"can't push tagged ref {Name} by digest", tagged.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_packages_is_read_from_the_files()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nCOPY root/ /\n");
        Write("root/etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n");
        Write("root/var/lib/dpkg/status",
            "Package: bash\nStatus: install ok installed\nVersion: 5.2.37-2\nArchitecture: amd64\nMaintainer: Somebody <a@b>\nDescription: shell\n more of it\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n");
        Write("root/lib/apk/db/installed", "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n\n");
        Write("root/usr/lib/python3/dist-packages/Flask_Thing-3.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: Flask_Thing\nVersion: 3.0\nLicense: BSD\n\nText\n");
        Write("root/app/node_modules/@scope/thing/package.json", """{"name":"@scope/thing","version":"1.0.0","license":"MIT"}""");
        Write("root/app/node_modules/broken/package.json", "{");
        Build("--sbom=true", "-t", Name, "--push");
        var document = Statement("https://spdx.dev/Document").Statement["predicate"]!;
        Assert.Equal("SPDX-2.3", document["spdxVersion"]!.GetValue<string>());
        var urls = document["packages"]!.AsArray().Skip(1).Select(package => package!["externalRefs"]![0]!["referenceLocator"]!.GetValue<string>())
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            ["pkg:apk/debian/musl@1.2.5-r0?arch=x86_64&distro=debian-13", "pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-13",
                "pkg:npm/%40scope/thing@1.0.0", "pkg:pypi/flask-thing@3.0"],
            urls);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("tar")]
    public void What_is_said_of_files_lies_among_them(string type)
    {
        Write("Dockerfile",
            $"FROM {Engine.Image} AS made\nARG A\nRUN mkdir /d && echo one > /d/one && echo two > /two\nFROM scratch\nCOPY --from=made /d /d\nCOPY --from=made /two /two\nCOPY --from=made /two /provenance.json\n");
        var files = Output(type, "", "--provenance", "mode=max", "--sbom=true", "--build-arg", "A=b");
        Assert.Equal(["d/one", "provenance.json", "sbom.spdx.json", "two"], Names(files));
        Assert.Equal("-rw-------", Command.Shell($"ls -l '{files}/provenance.json' | cut -c1-10").Trim());
        var text = File.ReadAllText(Path.Combine(files, "provenance.json"));
        Assert.StartsWith("{\n  \"_type\": \"https://in-toto.io/Statement/v0.1\",\n  \"predicateType\": \"https://slsa.dev/provenance/v0.2\"", text,
            StringComparison.Ordinal);
        var provenance = JsonNode.Parse(text)!;
        // It is about each file, that which it took the place of included.
        Assert.Equal(["d/one", "provenance.json", "two"], provenance["subject"]!.AsArray().Select(subject => subject!["name"]!.GetValue<string>()));
        Assert.Equal(Command.Shell($"sha256sum < '{files}/d/one' | cut -d' ' -f1").Trim(), provenance["subject"]![0]!["digest"]!["sha256"]!.GetValue<string>());
        Assert.Equal("b", provenance["predicate"]!["invocation"]!["parameters"]!["args"]!["build-arg:A"]!.GetValue<string>());
        Assert.Equal("https://spdx.dev/Document",
            JsonNode.Parse(File.ReadAllText(Path.Combine(files, "sbom.spdx.json")))!["predicateType"]!.GetValue<string>());
        // What it is called is the user's.
        Assert.Equal(["build.p.json", "d/one", "provenance.json", "two"], Names(Output(type, ",attestation-prefix=build.", "--provenance", "filename=p.json")));
    }

    [Fact]
    public void Files_of_several_platforms_have_statements_of_their_own()
    {
        Write("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY file /d/$TARGETARCH\n");
        Write("file", "text\n");
        string[] both = ["--platform", "linux/amd64,linux/arm64", "--provenance=true"];
        var files = Output("local", "", both);
        Assert.Equal(["linux_amd64/d/amd64", "linux_amd64/provenance.json", "linux_arm64/d/arm64", "linux_arm64/provenance.json"], Names(files));
        Assert.Contains("\"name\": \"d/arm64\"", File.ReadAllText(Path.Combine(files, "linux_arm64/provenance.json")), StringComparison.Ordinal);
        Assert.Equal(["d/amd64", "d/arm64", "provenance.linux_amd64.json", "provenance.linux_arm64.json"],
            Names(Output("local", ",platform-split=false", both)));
        Write("Dockerfile", "FROM scratch\nCOPY file /d/\n");
        var refused = engine.Client("gantry").Run(["build", .. both, "-o", $"type=local,dest={_work.File("none")},platform-split=false", _work.Path]);
        Assert.Contains("cannot overwrite d/file from linux/amd64 with linux/arm64 when split option is disabled", refused.ExitsWithFailure().Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the SBOM generator docker/scout is not run", "--attest", "type=sbom,generator=docker/scout")]
    [InlineData("unsupported attestation type", "--attest", "type=vex")]
    [InlineData("invalid provenance option mode=some", "--provenance", "mode=some")]
    [InlineData("invalid provenance option filename=", "--provenance", "filename=")]
    [InlineData("invalid attestation-prefix=a/b", "--sbom=true", "-o", "type=tar,dest=-,attestation-prefix=a/b")]
    public void What_is_not_offered_is_refused(string expected, params string[] options)
    {
        Write("Dockerfile", $"FROM {Engine.Image}\n");
        var refused = engine.Client("gantry").Run(["build", .. options, _work.Path]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_go_where_they_are_to()
    {
        Write("Dockerfile", $"FROM {Engine.Image}\nLABEL a=b\n");
        Build("--provenance=true", "--annotation", "a.title=one", "--annotation", "index:a.title=two", "--annotation", "manifest-descriptor:a.title=three",
            "-t", Name, "--push");
        var index = JsonNode.Parse(_registry.Manifest("app:1").Bytes)!;
        Assert.Equal("two", index["annotations"]!["a.title"]!.GetValue<string>());
        Assert.Equal("three", index["manifests"]![0]!["annotations"]!["a.title"]!.GetValue<string>());
        var manifest = JsonNode.Parse(_registry.Manifest($"app@{index["manifests"]![0]!["digest"]}").Bytes)!;
        Assert.Equal("one", manifest["annotations"]!["a.title"]!.GetValue<string>());
        Assert.EndsWith("+gzip", manifest["layers"]![0]!["mediaType"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private (JsonNode Manifest, JsonNode Statement) Statement(string type)
    {
        var index = JsonNode.Parse(_registry.Manifest("app:1").Bytes)!;
        var (image, attestation) = (index["manifests"]![0]!, index["manifests"]![1]!);
        Assert.Equal("unknown", attestation["platform"]!["os"]!.GetValue<string>());
        Assert.Equal("attestation-manifest", attestation["annotations"]!["vnd.docker.reference.type"]!.GetValue<string>());
        Assert.Equal(image["digest"]!.GetValue<string>(), attestation["annotations"]!["vnd.docker.reference.digest"]!.GetValue<string>());
        var layer = JsonNode.Parse(_registry.Manifest($"app@{attestation["digest"]}").Bytes)!["layers"]!.AsArray()
            .Single(layer => layer!["annotations"]!["in-toto.io/predicate-type"]!.GetValue<string>() == type)!;
        Assert.Equal("application/vnd.in-toto+json", layer["mediaType"]!.GetValue<string>());
        var statement = JsonNode.Parse(Encoding.UTF8.GetString(_registry.Blob("app", layer["digest"]!.GetValue<string>())))!;
        Assert.Equal(type, statement["predicateType"]!.GetValue<string>());
        return (image, statement);
    }

    /// <summary>Builds, and gives the folder that the files are in then.</summary>
    private string Output(string type, string attributes, params string[] options)
    {
        var folder = Directory.CreateDirectory(_work.File($"out-{Guid.NewGuid():N}")).FullName;
        var destination = type == "tar" ? $"{folder}.tar" : folder;
        Build([.. options, "-o", $"type={type},dest={destination}{attributes}"]);
        if (type == "tar")
            Command.Shell($"tar -C '{folder}' -xf '{destination}'");
        return folder;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);

    private void Build(params string[] options) => engine.Client("gantry").Run(["build", .. options, _work.Path]).Succeeded();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_work.File(name))!);
        File.WriteAllText(_work.File(name), text);
    }
}
