using System.Text.Json;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Images;

/// <summary>An archive with images for two platforms.</summary>
public sealed class PlatformTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    [Trait("Only", "Gantry")] // Docker has several platforms with its containerd store only.
    public void Platforms_are_loaded_shown_saved_and_removed(string client)
    {
        using var work = new WorkFolder();
        var docker = engine.Client(client);
        var tag = $"e2e-platforms-{client}:1";
        OciArchive.WriteForPlatforms(work.File("multi.tar"), tag, "amd64", "arm64");

        docker.Run("load", "-i", work.File("multi.tar")).Succeeded();
        Assert.Equal("amd64", docker.Text("image", "inspect", "--format", "{{.Architecture}}", tag));
        Assert.Equal("arm64", docker.Text("image", "inspect", "--platform", "linux/arm64", "--format", "{{.Architecture}}", tag));
        Assert.Equal("for arm64", docker.Run("history", "--platform", "linux/arm64", "--format", "{{.CreatedBy}}", tag).Lines[0]);
        Assert.Contains("does not match the specified platform (linux/s390x)",
            docker.Run("image", "inspect", "--platform", "linux/s390x", tag).ExitsWith(1).Error, StringComparison.Ordinal);
        var tree = docker.Run("images", "--tree", tag).Succeeded().Output;
        Assert.Contains("linux/amd64", tree, StringComparison.Ordinal);
        Assert.Contains("linux/arm64", tree, StringComparison.Ordinal);
        Assert.Equal("from an OCI archive", docker.Text("run", "--rm", tag, "cat", "/where"));

        using var document = JsonDocument.Parse(RawHttp.Get(engine, $"/v1.51/images/{tag}/json?manifests=1").Body);
        Assert.Equal("application/vnd.oci.image.index.v1+json", document.RootElement.GetProperty("Descriptor").GetProperty("mediaType").GetString());
        Assert.Equal(["image", "image"], document.RootElement.GetProperty("Manifests").EnumerateArray().Select(one => one.GetProperty("Kind").GetString()));

        docker.Run("save", "--platform", "linux/arm64", "-o", work.File("arm.tar"), tag).Succeeded();
        docker.Run("rmi", "--platform", "linux/amd64", tag).Succeeded();
        Assert.Equal("arm64", docker.Text("image", "inspect", "--format", "{{.Architecture}}", tag));
        docker.Run("rmi", tag).Succeeded();
        docker.Run("load", "-i", work.File("arm.tar")).Succeeded();
        Assert.Equal("arm64", docker.Text("image", "inspect", "--format", "{{.Architecture}}", tag));
        docker.Run("rmi", tag).Succeeded();
        docker.Run("load", "--platform", "linux/amd64", "-i", work.File("multi.tar")).Succeeded();
        docker.Run("image", "inspect", "--platform", "linux/arm64", tag).ExitsWith(1);
        docker.Run("rmi", tag).Succeeded();
    }
}
