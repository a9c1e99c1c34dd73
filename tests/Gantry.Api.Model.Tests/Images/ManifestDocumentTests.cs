using System.Text.Json;
using Gantry.Oci.Images;

namespace Gantry.Api.Model.Tests.Images;

public class ManifestDocumentTests
{
    /// <summary>Docker's documents omit what a descriptor does not say; a list made of it would have another digest otherwise.</summary>
    [Fact]
    public void What_a_descriptor_does_not_say_is_not_written()
    {
        var document = new ManifestDocument
        {
            Descriptor = new Descriptor { MediaType = "t", Digest = Digest.Compute([]), Size = 3,
                Platform = new Platform { Os = "linux", Architecture = "amd64" } },
            Raw = [1, 2, 3],
        };
        Assert.Equal(
            $$$"""{"Descriptor":{"mediaType":"t","digest":"{{{Digest.Compute([])}}}","size":3,"platform":{"architecture":"amd64","os":"linux"}},"Raw":"AQID"}""",
            JsonSerializer.Serialize(document, ApiJson.Wire.ManifestDocument));
    }
}
