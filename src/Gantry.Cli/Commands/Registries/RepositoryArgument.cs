using Gantry.Cli.Session;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Registries;

/// <summary>The image, or the whole repository, that <c>pull</c> and <c>push</c> name.</summary>
internal static class RepositoryArgument
{
    /// <summary>Reads it; an image without a tag gets the default one, and the user is told.</summary>
    /// <exception cref="CommandException">A tag is named together with all of them.</exception>
    /// <exception cref="GantryException">It is no reference.</exception>
    public static ImageReference Parse(CommandSession session, string text, bool allTags, bool quiet)
    {
        var image = ImageReference.Parse(text);
        if (allTags)
            return image.IsNameOnly ? image : throw new CommandException("tag can't be used with --all-tags/-a");
        if (!image.IsNameOnly)
            return image;
        if (!quiet)
            session.Print($"Using default tag: {ImageReference.DefaultTag}");
        session.Flush();
        return image.WithDefaultTag();
    }
}
