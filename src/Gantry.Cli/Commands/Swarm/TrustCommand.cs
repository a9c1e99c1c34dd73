using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Swarm;

/// <summary><c>trust ...</c>: signed names by Notary, which Docker itself is retiring. What is to be used in their place is said.</summary>
internal sealed class TrustCommand : Command
{
    private TrustCommand(FlagSet flags) => flags.PassesOverUnknown = true;

    /// <summary>The commands of the group.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        Entry("trust inspect", "IMAGE[:TAG] [IMAGE[:TAG]...]", "Return low-level information about keys and signatures"),
        Entry("trust key generate", "NAME", "Generate and load a signing key-pair"),
        Entry("trust key load", "[OPTIONS] KEYFILE", "Load a private key file for signing"),
        Entry("trust revoke", "[OPTIONS] IMAGE[:TAG]", "Remove trust for an image"),
        Entry("trust sign", "IMAGE:TAG", "Sign an image"),
        Entry("trust signer add", "OPTIONS NAME REPOSITORY [REPOSITORY...]", "Add a signer"),
        Entry("trust signer remove", "[OPTIONS] NAME REPOSITORY [REPOSITORY...]", "Remove a signer"),
    ];

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) => throw new CommandException(
        $"{session.Program} trust: content trust (Notary) is not part of Gantry, and Docker is retiring it. Sign images with tools that keep signatures in the registry "
        + $"(cosign, notation); `{session.Program} build --provenance --sbom` attaches statements");

    private static CommandEntry Entry(string path, string usage, string summary) =>
        new([path], usage, summary, ArgumentCount.Any, static flags => new TrustCommand(flags));
}
