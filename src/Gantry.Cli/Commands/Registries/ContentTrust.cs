using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Registries;

/// <summary>
/// Docker's content trust, signatures kept by a Notary server. Gantry does not verify them: who asks for that must not get an unverified image
/// instead. A digest names its content by itself, there is nothing to ask a server for.
/// </summary>
internal sealed class ContentTrust
{
    private const string Variable = "DOCKER_CONTENT_TRUST";
    private readonly BoolFlag _disabled;

    /// <summary>Takes the flag that switches it off, as old scripts give it.</summary>
    public ContentTrust(FlagSet flags) =>
        _disabled = flags.Add(new BoolFlag("disable-content-trust", '\0', "Do not verify signatures (default true)") { Value = true, Hidden = true });

    /// <summary>Refuses to go on when the user wants signatures verified.</summary>
    /// <exception cref="CommandException">He does.</exception>
    public void Refuse(CommandSession session, ImageReference image)
    {
        if (image.Digest is not null || !IsWanted(session.Context.Environment(Variable)))
            return;
        throw new CommandException(
            $"{image.Familiar}: content trust is not supported: signatures of a Notary server are not verified; name the image by its digest "
            + $"(NAME@sha256:...), or unset {Variable} and leave --disable-content-trust=false out");
    }

    // As docker reads it: whatever does not clearly say no means yes.
    private bool IsWanted(string? variable) => _disabled.Changed
        ? !_disabled.Value
        : variable is { Length: > 0 } and not ("0" or "f" or "F" or "false" or "FALSE" or "False");
}
