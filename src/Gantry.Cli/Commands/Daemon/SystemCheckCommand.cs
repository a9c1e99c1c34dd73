using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>system check</c>: verifies what the engine has on the disk. The exit code is 1 when something is left that should not be.</summary>
internal sealed class SystemCheckCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _repair = flags.Bool("repair", "Put right what can be put right, instead of only telling");

    public static CommandEntry Entry => new(
        ["system check"], "[OPTIONS]",
        "Verify images, layers and containers on the disk",
        ArgumentCount.None, static flags => new SystemCheckCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var result = await session.Client.CheckSystemAsync(_repair.Value).ConfigureAwait(false);
        if (_format.Value.Length > 0)
        {
            Listing.Write(
                session.Out, _format.Value, "{{.Kind}}\t{{.Subject}}\t{{.Problem}}\t{{.Remedy}}\t{{.Repaired}}", Columns, result.Findings,
                "formatter.checkContext");
        }
        else
        {
            foreach (var finding in result.Findings)
                session.Print($"{finding.Kind} {finding.Subject}: {finding.Problem}\n  {Consequence(finding)}");
            var repaired = result.Findings.Count(static finding => finding.Repaired);
            session.Print(
                $"{Count(result.Blobs, "blob")} ({HumanText.Size(result.Bytes)}), {Count(result.Containers, "container")} checked: "
                + (result.Findings.Count == 0 ? "no problems" : $"{Count(result.Findings.Count, "problem")}, {repaired} repaired"));
        }
        return result.Findings.All(static finding => finding.Repaired) ? 0 : 1;
    }

    private static IReadOnlyList<Column<SystemCheckFinding>> Columns =>
    [
        new("Kind", "KIND", static finding => finding.Kind),
        new("Subject", "SUBJECT", static finding => finding.Subject),
        new("Problem", "PROBLEM", static finding => finding.Problem),
        new("Remedy", "REMEDY", static finding => finding.Remedy),
        new("Repairable", "REPAIRABLE", static finding => finding.Repairable),
        new("Repaired", "REPAIRED", static finding => finding.Repaired),
    ];

    private static string Consequence(SystemCheckFinding finding) => finding switch
    {
        { Repaired: true } => $"repaired: {finding.Remedy}",
        { Repairable: true } => $"--repair: {finding.Remedy}",
        _ => $"to do: {finding.Remedy}",
    };

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
