using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Daemon;

/// <summary><c>events</c>: what happens in the engine, as it happens.</summary>
internal sealed class EventsCommand(FlagSet flags) : Command
{
    private const int WrongFormat = 64;

    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only events that match, e.g. \"type=container\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Document);
    private readonly ValueFlag<string> _since = flags.String("since", "Show what happened since a time too");
    private readonly ValueFlag<string> _until = flags.String("until", "Stop at a time");

    public static CommandEntry Entry => new(
        ["system events", "events"], "[OPTIONS]",
        "Get real time events from the server",
        ArgumentCount.None, static flags => new EventsCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var template = _format.Value is "" or "json" ? null : Parse(_format.Value);
        using var events = await session.Client.EventsAsync(Timestamps.Parse(_since.Value), Timestamps.Parse(_until.Value), _filter.Filters)
            .ConfigureAwait(false);
        while (await events.NextLineAsync().ConfigureAwait(false) is { } line)
        {
            if (template is not null)
                session.Print(Execute(template, line));
            else if (_format.Value == "json")
                session.Print(Encoding.UTF8.GetString(line.Span.Trim((byte)'\r')));
            else
                session.Print(Format(JsonSerializer.Deserialize(line.Span, ApiJson.Wire.EventMessage)!));
            session.Out.Flush();
        }
        return 0;
    }

    private static Template Parse(string format)
    {
        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"Error parsing format: {error.Message}", WrongFormat);
        }
    }

    private static string Execute(Template template, ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var text = new StringBuilder();
        try
        {
            template.Execute(new StructureTemplateMap(document.RootElement, GoStructure.Get("events.Message")) { IsPointer = true }, text);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"Error parsing format: {error.Message}", WrongFormat);
        }
        return text.ToString();
    }

    private static string Format(EventMessage message)
    {
        var text = new StringBuilder();
        if (message.TimeNano != 0)
            text.Append(Timestamps.FormatNanoseconds(message.TimeNano)).Append(' ');
        text.Append(CultureInfo.InvariantCulture, $"{message.Type} {message.Action} {message.Actor.ID}");
        if (message.Actor.Attributes.Count > 0)
        {
            text.Append(" (").AppendJoin(", ", message.Actor.Attributes.OrderBy(static attribute => attribute.Key, StringComparer.Ordinal)
                .Select(static attribute => $"{attribute.Key}={attribute.Value}")).Append(')');
        }
        return text.ToString();
    }
}
