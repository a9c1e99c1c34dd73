using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;
using Gantry.Client;
using Gantry.Compose.Planning;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose events</c>: shows what happens to a project's containers.</summary>
internal sealed class ComposeEventsCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _json = flags.Bool("json", "Output events as a stream of json objects");
    private readonly ValueFlag<string> _since = flags.String("since", "Show all events created since timestamp");
    private readonly ValueFlag<string> _until = flags.String("until", "Stream events until this timestamp");

    public static CommandEntry Entry =>
        new(["compose events"], "[OPTIONS] [SERVICE...]", "Receive real time events from containers", ArgumentCount.Any, static flags =>
            new ComposeEventsCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName(arguments);
        var filters = new Filters().Add("type", "container").Add("label", $"{Labels.Project}={name}");
        using var events = await session.Session.Client.EventsAsync(Timestamps.Parse(_since.Value), Timestamps.Parse(_until.Value), filters)
            .ConfigureAwait(false);
        while (await events.NextAsync(ApiJson.Wire.EventMessage).ConfigureAwait(false) is { } message)
        {
            var labels = message.Actor.Attributes;
            if (!labels.TryGetValue(Labels.Service, out var service) || arguments.Count > 0 && !arguments.Contains(service)
                || labels.GetValueOrDefault(Labels.OneOff) == "True")
                continue;
            session.Session.Print(_json.Value ? Json(message, service) : Text(message, service));
            session.Session.Flush();
        }
        return 0;
    }

    private static IEnumerable<KeyValuePair<string, string>> Attributes(EventMessage message) =>
        message.Actor.Attributes.Where(static attribute => !attribute.Key.StartsWith("com.docker.compose.", StringComparison.Ordinal))
            .OrderBy(static attribute => attribute.Key, StringComparer.Ordinal);

    private static DateTime TimeOf(EventMessage message) => DateTime.UnixEpoch.AddTicks(message.TimeNano / 100).ToLocalTime();

    private static string Text(EventMessage message, string service)
    {
        var time = TimeOf(message).ToString("yyyy-MM-dd HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
        return $"{time} container {message.Action} {message.Actor.ID} ({string.Join(", ", Attributes(message).Select(static attribute => $"{attribute.Key}={attribute.Value}").Append($"service={service}"))})";
    }

    private static string Json(EventMessage message, string service)
    {
        var text = new StringBuilder("{\"action\":");
        GoJson.AppendString(text, message.Action, escapeHtml: true);
        text.Append(",\"attributes\":{");
        var first = true;
        foreach (var (key, value) in Attributes(message))
        {
            if (!first)
                text.Append(',');
            first = false;
            GoJson.AppendString(text, key, escapeHtml: true);
            text.Append(':');
            GoJson.AppendString(text, value, escapeHtml: true);
        }
        text.Append("},\"id\":");
        GoJson.AppendString(text, message.Actor.ID, escapeHtml: true);
        text.Append(",\"service\":");
        GoJson.AppendString(text, service, escapeHtml: true);
        return text.Append(",\"time\":\"").Append(TimeOf(message).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", System.Globalization.CultureInfo.InvariantCulture))
            .Append("\",\"type\":\"container\"}").ToString();
    }
}
