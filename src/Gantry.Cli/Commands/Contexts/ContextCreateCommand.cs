using Gantry.Cli.Contexts;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context create</c>: names an endpoint.</summary>
internal sealed class ContextCreateCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _description = flags.String("description", "Description of the context");
    private readonly ListFlag<string> _docker = flags.List(
        "docker", "Endpoint: host=ADDRESS[,ca=FILE][,cert=FILE][,key=FILE][,skip-tls-verify=BOOL], or from=CONTEXT");
    private readonly ValueFlag<string> _from = flags.String("from", "Context to copy");

    public static CommandEntry Entry => new(
        ["context create"], "[OPTIONS] CONTEXT",
        "Create a context",
        ArgumentCount.Exactly(1), static flags => new ContextCreateCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var name = arguments[0];
        var store = session.Contexts;
        ContextStore.CheckName(name);
        if (store.Find(name) is not null)
            throw new CommandException($"context \"{name}\" already exists");
        var options = new EndpointOptions(_docker.Values);
        var from = _from.Value.Length > 0 ? _from.Value : options.From ?? "";
        if (from.Length == 0 && options.IsEmpty)
            throw new CommandException("docker endpoint configuration is required");
        var origin = from is "" or ContextStore.Default ? null : store.Get(from);
        var context = new ClientContext(
            name, _description.Value.Length > 0 ? _description.Value : origin?.Description ?? "",
            options.Host ?? origin?.Host ?? (from == ContextStore.Default ? session.DefaultHost : ""), options.SkipTlsVerify || origin?.SkipTlsVerify is true);
        store.Write(context);
        foreach (var file in origin is null ? [] : store.TlsFilesOf(origin.Name))
            store.WriteTlsFile(name, file, File.ReadAllBytes(Path.Combine(store.TlsFolder(origin!.Name), ClientContext.Endpoint, file)));
        options.CopyTls(store, name);
        session.Print(name);
        session.PrintError($"Successfully created context \"{name}\"");
        return Task.FromResult(0);
    }
}
