using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;
using Gantry.Client;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>version</c>: the versions of client and daemon.</summary>
internal sealed class VersionCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _format = flags.String("format", 'f', FormatHelp.Document);

    public static CommandEntry Entry =>
        new(["version"], "[OPTIONS]", "Show the version information", ArgumentCount.None, static flags => new VersionCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        byte[]? server = null;
        string? failure = null;
        try
        {
            server = await session.Client.VersionRawAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClientException or EngineUnreachableException)
        {
            // The client's part is shown all the same.
            failure = CommandLine.Describe(error, session);
        }
        if (_format.Value.Length > 0)
            PrintTemplate(session, server);
        else
            PrintText(session, server);
        return failure is null ? 0 : throw new CommandException(failure);
    }

    private static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private void PrintTemplate(CommandSession session, byte[]? server)
    {
        var template = Listing.ParseTemplate(_format.Value == "json" ? "{{json .}}" : _format.Value);
        var client = $$"""
            {"Version":"{{ProgramVersion.Text}}","ApiVersion":"{{session.Client.ApiVersion}}","DefaultAPIVersion":"{{EngineClient.DefaultApiVersion}}","GitCommit":"","GoVersion":"","Os":"linux","Arch":"{{Architecture}}","BuildTime":"","Context":"{{session.CurrentContext}}"}
            """;
        using var document = JsonDocument.Parse($$"""{"Client":{{client}},"Server":{{(server is null ? "null" : Encoding.UTF8.GetString(server))}}}""");
        var text = new StringBuilder();
        try
        {
            template.Execute(new StructureTemplateMap(document.RootElement, GoStructure.Get("system.versionInfo")), text);
            session.Print(text.ToString());
        }
        catch (TemplateException error)
        {
            // Docker's template has a name here.
            session.Print(text.ToString());
            throw new CommandException(error.Message.Replace("template: :", "template: version:", StringComparison.Ordinal)
                .Replace("executing \"\"", "executing \"version\"", StringComparison.Ordinal));
        }
    }

    private static void PrintText(CommandSession session, byte[]? server)
    {
        var text = new StringBuilder("Client:\n");
        Field(text, " ", "Version:", ProgramVersion.Text);
        Field(text, " ", "API version:", session.Client.ApiVersion
            + (session.Client.ApiVersion == EngineClient.DefaultApiVersion ? "" : $" (downgraded from {EngineClient.DefaultApiVersion})"));
        Field(text, " ", "OS/Arch:", $"linux/{Architecture}");
        Field(text, " ", "Context:", session.CurrentContext);
        if (server is not null)
            AppendServer(text, JsonSerializer.Deserialize(server, ApiJson.Wire.SystemVersion)!);
        session.Out.Write(text.ToString());
    }

    private static void AppendServer(StringBuilder text, SystemVersion version)
    {
        text.Append(version.Platform.Name.Length > 0 ? $"\nServer: {version.Platform.Name}\n" : "\nServer:\n");
        foreach (var component in version.Components)
        {
            text.Append(CultureInfo.InvariantCulture, $" {component.Name}:\n");
            Field(text, "  ", "Version:", component.Version);
            if (component.Name != "Engine")
            {
                foreach (var (name, value) in component.Details ?? new Dictionary<string, string>())
                    Field(text, "  ", name + ":", value);
                continue;
            }
            var details = component.Details ?? new Dictionary<string, string>();
            Field(text, "  ", "API version:",
                $"{details.GetValueOrDefault("ApiVersion", "")} (minimum version {details.GetValueOrDefault("MinAPIVersion", "")})");
            Field(text, "  ", "Go version:", details.GetValueOrDefault("GoVersion", ""));
            Field(text, "  ", "Git commit:", details.GetValueOrDefault("GitCommit", ""));
            Field(text, "  ", "Built:", FormatBuildTime(details.GetValueOrDefault("BuildTime", "")));
            Field(text, "  ", "OS/Arch:", $"{details.GetValueOrDefault("Os", "")}/{details.GetValueOrDefault("Arch", "")}");
            Field(text, "  ", "Experimental:", details.GetValueOrDefault("Experimental", ""));
        }
    }

    private static void Field(StringBuilder text, string indent, string name, string value) =>
        text.Append(indent).Append(name.PadRight(indent.Length == 1 ? 19 : 18)).Append(value).Append('\n');

    private static string FormatBuildTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? $"{time:ddd MMM} {time.Day,2} {time:HH:mm:ss yyyy}"
            : text;
}
