using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Oci.Images;

namespace Gantry.Engine.Tests.Containers;

public sealed class ContainerDocumentTests
{
    /// <summary>What a daemon writes the next one must be able to read.</summary>
    [Fact]
    public void A_document_is_read_as_it_was_written()
    {
        var document = new ContainerDocument
        {
            Id = "1", Name = "n", Created = DateTimeOffset.UnixEpoch, ImageId = "sha256:1", Platform = Platform.Parse("linux/amd64"), Driver = "overlay",
            Config = new ContainerConfig { Cmd = ["echo", "hi"], Entrypoint = ["/bin/sh"], Shell = ["/bin/ash"] },
            HostConfig = new HostConfig { CapAdd = ["NET_ADMIN"], CapDrop = ["ALL"] },
        };
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(document, EngineJson.Default.ContainerDocument), EngineJson.Default.ContainerDocument)!;
        Assert.Equal<string>(["echo", "hi"], read.Config.Cmd!);
        Assert.Equal<string>(["/bin/sh"], read.Config.Entrypoint!);
        Assert.Equal<string>(["/bin/ash"], read.Config.Shell!);
        Assert.Equal<string>(["NET_ADMIN"], read.HostConfig.CapAdd!);
        Assert.Equal<string>(["ALL"], read.HostConfig.CapDrop!);
    }
}
