using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Client;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Manifests;

/// <summary>Manifests as registries have them, fetched through the daemon.</summary>
internal static class ManifestSource
{
    /// <summary>Reads the name of an image or a list.</summary>
    /// <exception cref="Oci.GantryException">It is no reference.</exception>
    public static ImageReference Parse(string text) => ImageReference.Parse(text).WithDefaultTag();

    /// <summary>Fetches what a reference stands for.</summary>
    /// <exception cref="CommandException">There is nothing.</exception>
    public static async Task<ManifestDocument> FetchAsync(CommandSession session, ImageReference reference, bool insecure)
    {
        var credentials = await session.Credentials.FindAsync(reference).ConfigureAwait(false);
        try
        {
            return await session.Client.FetchManifestAsync(reference, insecure, credentials).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.IsNotFound && !error.Message.Contains("page not found", StringComparison.Ordinal))
        {
            throw new CommandException($"no such manifest: {reference}");
        }
    }
}
