using Gantry.Api.Model;
using Gantry.Cli.Commands.Registries;
using Gantry.Cli.Output.Progress;
using Gantry.Cli.Session;
using Gantry.Client;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The creation of a container by <c>run</c> and <c>create</c>: the image is fetched when it is missing, the ID is written to a file.</summary>
internal static class ContainerCreation
{
    /// <summary>Creates the container.</summary>
    /// <returns>Its ID.</returns>
    /// <exception cref="CommandException">A flag is wrong.</exception>
    /// <exception cref="ClientException">The daemon refuses.</exception>
    public static async Task<string> CreateAsync(CommandSession session, ContainerFlags flags, ContainerCreateRequest request)
    {
        // 1. Check what needs no daemon.
        if (flags.Pull.Value is not ("always" or "missing" or "never"))
            throw new CommandException($"invalid pull option: '{flags.Pull.Value}': must be one of \"always\", \"missing\" or \"never\"");
        CheckPlatform(flags.Platform.Value);
        // An ID may look like no reference, and the daemon finds it all the same.
        var image = IsImageId(request.Image) ? null : ImageReference.Parse(request.Image).WithDefaultTag();
        if (image is not null)
            flags.Trust.Refuse(session, image);
        if (flags.CidFile.Value.Length > 0 && Path.Exists(flags.CidFile.Value))
            throw new CommandException($"container ID file found, make sure the other container isn't running or delete {flags.CidFile.Value}");

        ApiSocket.Give(session, flags, request);

        // 2. Create, and once more after the image was fetched.
        if (flags.Pull.Value == "always" && image is not null)
            await PullAsync(session, flags, image).ConfigureAwait(false);
        ContainerCreateResponse created;
        try
        {
            created = await session.Client.CreateContainerAsync(request, flags.Name.Value, flags.Platform.Value).ConfigureAwait(false);
        }
        catch (ClientException error) when (flags.Pull.Value == "missing" && image is not null && IsMissingImage(error))
        {
            if (!flags.Quiet.Value)
                session.PrintError($"Unable to find image '{image.Familiar}' locally");
            await PullAsync(session, flags, image).ConfigureAwait(false);
            created = await session.Client.CreateContainerAsync(request, flags.Name.Value, flags.Platform.Value).ConfigureAwait(false);
        }

        // 3. What it is to have besides, and tell.
        await ApiSocket.GiveCredentialsAsync(session, flags, created.Id).ConfigureAwait(false);
        foreach (var warning in created.Warnings)
            session.PrintError("WARNING: " + warning);
        if (flags.CidFile.Value.Length > 0)
            await File.WriteAllTextAsync(flags.CidFile.Value, created.Id).ConfigureAwait(false);
        return created.Id;
    }

    private static bool IsMissingImage(ClientException error) => error.IsNotFound
        && (error.Message.StartsWith("No such image", StringComparison.OrdinalIgnoreCase)
            || error.Message.Contains("does not match the specified platform", StringComparison.Ordinal));

    private static void CheckPlatform(string text)
    {
        try
        {
            if (text.Length > 0)
                _ = Platform.Parse(text);
        }
        catch (GantryException error)
        {
            throw new CommandException($"error parsing specified platform: {error.Message}");
        }
    }

    private static bool IsImageId(string text)
    {
        var hexadecimal = text.StartsWith("sha256:", StringComparison.Ordinal) ? text.AsSpan(7) : text;
        return hexadecimal.Length == 64 && !hexadecimal.ContainsAnyExcept("0123456789abcdef");
    }

    private static async Task PullAsync(CommandSession session, ContainerFlags flags, ImageReference image)
    {
        var credentials = await session.Credentials.FindAsync(image).ConfigureAwait(false);
        // Progress goes to standard error: standard output is the container's.
        using var messages = await session.Client.PullImageAsync(image, flags.Platform.Value, credentials).ConfigureAwait(false);
        var target = flags.Quiet.Value ? ProgressTarget.Nowhere : ProgressTarget.Error;
        await ProgressDisplay.ShowAsync(session, messages, target).ConfigureAwait(false);
    }
}
