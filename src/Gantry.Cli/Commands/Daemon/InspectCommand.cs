using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>inspect</c>: everything about objects of any kind.</summary>
internal sealed class InspectCommand(FlagSet flags) : Command
{
    private const string KnownTypes = "\"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"";

    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);
    private readonly BoolFlag _size = flags.Bool("size", 's', "Display total file sizes if the type is container");
    private readonly ValueFlag<string> _type = flags.String("type", "Only look for objects of this type");

    public static CommandEntry Entry => new(
        ["inspect"], "[OPTIONS] NAME|ID [NAME|ID...]",
        "Return low-level information on Docker objects",
        ArgumentCount.AtLeast(1), static flags => new InspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (_type.Changed && _type.Value.Length == 0)
            throw new CommandException("type is empty: must be one of " + KnownTypes);
        if (_type.Value is not ("" or "config" or "container" or "image" or "network" or "node" or "plugin" or "secret" or "service" or "task" or "volume"))
            throw new CommandException($"unknown type: \"{_type.Value}\": must be one of {KnownTypes}");
        return Inspector.RunAsync(session, arguments, _format.Value, name => FetchAsync(session, name));
    }

    // The order matters: an image and a container may have one name, and the container is meant.
    private async Task<(byte[] Document, string? Structure)> FetchAsync(CommandSession session, string name)
    {
        ReadOnlyMemory<(string Type, string? Structure, Func<Task<byte[]>> Fetch)> kinds = new (string, string?, Func<Task<byte[]>>)[]
        {
            ("container", "container.InspectResponse", () => session.Client.InspectContainerRawAsync(name, _size.Value)),
            ("image", "image.InspectResponse", () => session.Client.InspectImageRawAsync(name, platform: null)),
            ("network", "network.Inspect", () => session.Client.InspectNetworkRawAsync(name, verbose: false)),
            ("volume", "volume.Volume", () => session.Client.InspectVolumeRawAsync(name)),
            ("service", null, () => session.Client.InspectRawAsync("services", name)),
            ("task", null, () => session.Client.InspectRawAsync("tasks", name)),
            ("node", null, () => session.Client.InspectRawAsync("nodes", name)),
            ("secret", null, () => session.Client.InspectRawAsync("secrets", name)),
            ("config", null, () => session.Client.InspectRawAsync("configs", name)),
            ("plugin", null, () => session.Client.InspectPluginRawAsync(name)),
        };
        for (var index = 0; index < kinds.Length; index++)
        {
            var (type, structure, fetch) = kinds.Span[index];
            if (_type.Value.Length > 0 && _type.Value != type)
                continue;
            try
            {
                return (await fetch().ConfigureAwait(false), structure);
            }
            catch (ClientException error) when (_type.Value.Length == 0 && (error.IsNotFound || error.Status is 400 or 503 && type != "container"))
            {
                // Not of this kind, or no possible name of it: the next kind is asked.
            }
        }
        throw new CommandException($"Error: No such object: {name}");
    }
}
