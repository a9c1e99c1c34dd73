using System.Text.Json;
using Gantry.Cli.Contexts;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Contexts;

/// <summary><c>context inspect</c>: everything about contexts.</summary>
internal sealed class ContextInspectCommand(FlagSet flags) : Command
{
    private const string InMemory = "<IN MEMORY>";

    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);

    public static CommandEntry Entry => new(
        ["context inspect"], "[OPTIONS] [CONTEXT] [CONTEXT...]",
        "Display detailed information on one or more contexts",
        ArgumentCount.Any, static flags => new ContextInspectCommand(flags));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        Inspector.RunAsync(session, arguments.Count > 0 ? arguments : [session.CurrentContext], _format.Value, structure: null, name =>
            Task.FromResult(Describe(session, name)));

    private static byte[] Describe(CommandSession session, string name)
    {
        var isDefault = name == ContextStore.Default;
        var store = session.Contexts;
        var context = isDefault ? new ClientContext(name, "", session.DefaultHost, false) : store.Get(name);
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            context.WriteMembers(json);
            json.WriteStartObject("TLSMaterial");
            if (!isDefault && store.TlsFilesOf(name) is { Count: > 0 } files)
            {
                json.WriteStartArray(ClientContext.Endpoint);
                foreach (var file in files)
                    json.WriteStringValue(file);
                json.WriteEndArray();
            }
            json.WriteEndObject();
            json.WriteStartObject("Storage");
            json.WriteString("MetadataPath", isDefault ? InMemory : store.MetadataFolder(name));
            json.WriteString("TLSPath", isDefault ? InMemory : store.TlsFolder(name));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return text.ToArray();
    }
}
