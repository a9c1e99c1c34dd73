using Gantry.Cli.Contexts;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context ls</c>: lists contexts.</summary>
internal sealed class ContextListCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only show context names");

    public static CommandEntry Entry => new(
        ["context ls", "context list"], "[OPTIONS]",
        "List contexts",
        ArgumentCount.None, static flags => new ContextListCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var current = session.CurrentContext;
        var rows = session.Contexts.All().Append(new ClientContext(ContextStore.Default, "Current DOCKER_HOST based configuration", session.DefaultHost, false))
            .Select(context => new Listed(context, context.Name == current, "")).ToList();
        if (!rows.Exists(static row => row.IsCurrent))
            rows.Add(new Listed(new ClientContext(current, "", "", false), true, $"context \"{current}\": context not found"));
        var format = _quiet.Value ? "{{.Name}}" : _format.Value;
        Listing.Write(
            session.Out, format, "{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}", Columns,
            rows.OrderBy(static row => row.Context.Name, StringComparer.Ordinal), "formatter.clientContextContext");
        if (!_quiet.Value && session.Context.Environment("DOCKER_HOST") is { Length: > 0 } && session.Context.Environment("DOCKER_CONTEXT") is null or "")
        {
            if (current != ContextStore.Default)
                session.PrintError(
                    $"Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.");
        }
        return Task.FromResult(0);
    }

    private static IReadOnlyList<Column<Listed>> Columns =>
    [
        new("Current", "CURRENT", static row => row.IsCurrent),
        new("Description", "DESCRIPTION", static row => row.Context.Description),
        new("DockerEndpoint", "DOCKER ENDPOINT", static row => row.Context.Host),
        new("Error", "ERROR", static row => row.Error),
        new("Name", "NAME", static row => row.Context.Name),
    ];

    private sealed record Listed(ClientContext Context, bool IsCurrent, string Error);
}
