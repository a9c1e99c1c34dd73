using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Output;

/// <summary>Shows the messages of a long operation: on a terminal each part has a line that is drawn anew, elsewhere only results are printed.</summary>
internal sealed class ProgressDisplay
{
    private readonly CommandSession _session;
    private readonly bool _terminal;
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    private ProgressDisplay(CommandSession session)
    {
        _session = session;
        _terminal = session.Context.Terminal.OutputIsTerminal;
    }

    /// <summary>Shows all messages.</summary>
    /// <exception cref="CommandException">The operation failed.</exception>
    public static async Task ShowAsync(CommandSession session, MessageReader messages, TextWriter? output = null)
    {
        var display = new ProgressDisplay(session);
        while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
        {
            if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
                throw new CommandException(failure);
            display.Show(message, output ?? session.Out);
        }
    }

    private void Show(ProgressMessage message, TextWriter output)
    {
        var bar = message.ProgressDetail is { } detail ? FormatBar(detail) : "";
        if (!_terminal && bar.Length > 0 || message.Aux is not null && message.Status is null && message.Stream is null)
            return;
        if (!_terminal || message.Id is not { Length: > 0 } id || message.ProgressDetail is null && !_lines.ContainsKey(id))
        {
            output.Write(message.Id is { Length: > 0 } prefix && message.Stream is null ? $"{prefix}: " : "");
            output.Write(message.Stream ?? message.Status + "\n");
        }
        else
        {
            Redraw(output, id, $"{id}: {message.Status} {bar}");
        }
        output.Flush();
    }

    // Escape sequences: cursor up and down by n lines, erase the line.
    private void Redraw(TextWriter output, string id, string text)
    {
        if (!_lines.TryGetValue(id, out var line))
        {
            line = _lines.Count;
            _lines.Add(id, line);
            output.Write('\n');
        }
        var up = _lines.Count - line;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"\x1b[{up}A\x1b[2K\r{text}\r\x1b[{up}B"));
    }

    private string FormatBar(ProgressDetail detail)
    {
        if (detail.Current <= 0 && detail.Total <= 0)
            return "";
        var current = HumanText.Size(detail.Current);
        if (detail.Total <= 0)
            return current.PadLeft(8);
        var width = _session.Context.Terminal.Size?.Columns ?? 200;
        var done = (int)Math.Min(50, detail.Current * 50 / detail.Total);
        var bar = width > 110 ? $"[{new string('=', done)}>{new string(' ', 50 - done)}] " : "";
        return $"{bar}{current,8}/{HumanText.Size(detail.Total)}";
    }
}
