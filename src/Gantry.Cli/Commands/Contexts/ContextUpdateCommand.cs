using Gantry.Cli.Contexts;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context update</c>: changes what a context says.</summary>
internal sealed class ContextUpdateCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _description = flags.String("description", "Description of the context");
    private readonly ListFlag<string> _docker = flags.List(
        "docker", "Endpoint: host=ADDRESS[,ca=FILE][,cert=FILE][,key=FILE][,skip-tls-verify=BOOL], or from=CONTEXT");

    public static CommandEntry Entry => new(
        ["context update"], "[OPTIONS] CONTEXT",
        "Update a context",
        ArgumentCount.Exactly(1), static flags => new ContextUpdateCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var name = arguments[0];
        ContextStore.CheckName(name);
        var context = session.Contexts.Get(name);
        var options = new EndpointOptions(_docker.Values);
        if (_description.Changed)
            context = context with { Description = _description.Value };
        if (!options.IsEmpty)
            context = context with { Host = options.Host ?? (options.From is { } from ? session.Contexts.Get(from).Host : ""),
                SkipTlsVerify = options.SkipTlsVerify };
        session.Contexts.Write(context);
        options.CopyTls(session.Contexts, name);
        session.Print(name);
        session.PrintError($"Successfully updated context \"{name}\"");
        return Task.FromResult(0);
    }
}
