using Gantry.Cli.Session;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>tag</c>: gives an image a further name.</summary>
internal sealed class TagCommand : Command
{
    public static CommandEntry Entry => new(
        ["image tag", "tag"], "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        ArgumentCount.Exactly(2), static _ => new TagCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var target = Parse(arguments[1]);
        if (target.Digest is not null)
            throw new CommandException("refusing to create a tag with a digest reference");
        await session.Client.TagImageAsync(arguments[0], target.Name, target.Tag ?? "latest").ConfigureAwait(false);
        return 0;
    }

    private static ImageReference Parse(string text)
    {
        try
        {
            return ImageReference.Parse(text);
        }
        catch (GantryException error)
        {
            throw new CommandException($"Error parsing reference: \"{text}\" is not a valid repository/tag: {error.Message}");
        }
    }
}
