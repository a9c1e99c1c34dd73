using Gantry.Client;
using Gantry.Compose;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Names of images with the digests that their tags have in the registry now.</summary>
internal static class ImagePins
{
    /// <summary>Pins an image; one that has a digest stays as it is.</summary>
    /// <exception cref="ComposeException">The registry does not know it.</exception>
    public static async Task<string> PinAsync(ComposeSession session, string image)
    {
        var reference = ImageReference.Parse(image).WithDefaultTag();
        if (reference.Digest is not null)
            return reference.ToString();
        try
        {
            var credentials = await session.Session.Credentials.FindAsync(reference).ConfigureAwait(false);
            var inspected = await session.Session.Client.InspectDistributionAsync(reference, credentials).ConfigureAwait(false);
            return $"{reference}@{inspected.Descriptor.Digest}";
        }
        catch (ClientException error)
        {
            throw new ComposeException($"failed to resolve digest for {reference.Familiar}: Error response from daemon: {error.Message}");
        }
    }
}
