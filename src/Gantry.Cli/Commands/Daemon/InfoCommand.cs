using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;
using Gantry.Client;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>info</c>: state and settings of client and daemon.</summary>
internal sealed class InfoCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);

    public static CommandEntry Entry => new(
        ["system info", "info"], "[OPTIONS]",
        "Display system-wide information",
        ArgumentCount.None, static flags => new InfoCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        byte[]? server = null;
        string? failure = null;
        try
        {
            server = await session.Client.InfoRawAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClientException or EngineUnreachableException)
        {
            failure = CommandLine.Describe(error, session);
        }
        if (_format.Value.Length > 0)
            PrintTemplate(session, server);
        else
            PrintText(session, server);
        return failure is null ? 0 : throw new CommandException(failure);
    }

    private void PrintTemplate(CommandSession session, byte[]? server)
    {
        var template = Listing.ParseTemplate(_format.Value == "json" ? "{{json .}}" : _format.Value);
        using var document = JsonDocument.Parse(WithClient(server, session.CurrentContext));
        var text = new StringBuilder();
        try
        {
            template.Execute(new StructureTemplateMap(document.RootElement, GoStructure.Get("system.dockerInfo")), text);
            session.Print(text.ToString());
        }
        catch (TemplateException error)
        {
            session.Print(text.ToString());
            throw new CommandException(error.Message);
        }
    }

    // The daemon's members and the client's part are one document.
    private static string WithClient(byte[]? server, string context)
    {
        var members = server is null ? "" : Encoding.UTF8.GetString(server).Trim().TrimEnd('}').TrimEnd();
        var open = members.Length == 0 ? "{" : members + ",";
        return $$$"""{{{open}}}"ClientInfo":{"Debug":false,"Version":"{{{ProgramVersion.Text}}}","Context":"{{{context}}}","Plugins":[],"Warnings":null} }""";
    }

    private static void PrintText(CommandSession session, byte[]? server)
    {
        session.Print($"Client:\n Version:    {ProgramVersion.Text}\n Context:    {session.CurrentContext}\n Debug Mode: false\n\nServer:");
        if (server is null)
            return;
        var info = JsonSerializer.Deserialize(server, ApiJson.Wire.SystemInfo)!;
        session.Out.Write(InfoText.Format(info));
        foreach (var warning in info.Warnings ?? [])
            session.PrintError(warning);
    }
}
