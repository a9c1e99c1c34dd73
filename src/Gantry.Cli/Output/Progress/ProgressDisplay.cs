using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Client.Streams;

namespace Gantry.Cli.Output.Progress;

/// <summary>Where the messages of a long operation go.</summary>
internal enum ProgressTarget
{
    /// <summary>To standard output.</summary>
    Output,

    /// <summary>To standard error: standard output is a container's.</summary>
    Error,

    /// <summary>Nowhere; only failures are told.</summary>
    Nowhere,
}

/// <summary>
/// Shows the messages of a long operation. On a terminal each part (a layer) has a line that is drawn anew as it comes on; elsewhere each
/// change of a part's state is a line, without how far it has come.
/// </summary>
internal sealed class ProgressDisplay
{
    private readonly TextWriter _output;
    private readonly ProgressRegion? _region;

    private ProgressDisplay(TextWriter output, ProgressRegion? region) => (_output, _region) = (output, region);

    /// <summary>Shows all messages.</summary>
    /// <exception cref="CommandException">The operation failed.</exception>
    public static async Task ShowAsync(CommandSession session, MessageReader messages, ProgressTarget target = ProgressTarget.Output)
    {
        var display = For(session, target);
        while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
        {
            if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
            {
                display.Finish();
                throw new CommandException(failure);
            }
            display.Take(message);
            // What has arrived already is shown together.
            if (!messages.HasNext)
                display.Draw();
        }
        display.Finish();
    }

    private static ProgressDisplay For(CommandSession session, ProgressTarget target)
    {
        var terminal = session.Context.Terminal;
        var output = target switch { ProgressTarget.Output => session.Out, ProgressTarget.Error => session.Error, _ => TextWriter.Null };
        (int Rows, int Columns)? Size() => target switch
        {
            ProgressTarget.Output when terminal.OutputIsTerminal => terminal.Size ?? ProgressRegion.UnknownSize,
            ProgressTarget.Error => terminal.ErrorSize,
            _ => null,
        };
        var region = Size() is null ? null : new ProgressRegion(output, () => Size() ?? ProgressRegion.UnknownSize, TimeProvider.System);
        return new ProgressDisplay(output, region);
    }

    private void Take(ProgressMessage message)
    {
        if (_region is { } region && message is { Id: { Length: > 0 } id, Stream: null } && (message.ProgressDetail is not null || region.Has(id)))
        {
            region.Update(id, message.Status ?? "", message.ProgressDetail);
            return;
        }
        // A result for programs, or how far something has come, which is nothing to keep.
        if (message is { Status: null, Stream: null } or { ProgressDetail: { Current: > 0 } or { Total: > 0 } })
            return;
        _region?.Finish();
        _output.Write(message.Stream ?? (message.Id is { Length: > 0 } prefix ? $"{prefix}: {message.Status}\n" : $"{message.Status}\n"));
    }

    private void Draw()
    {
        _region?.Draw();
        _output.Flush();
    }

    private void Finish()
    {
        _region?.Finish();
        _output.Flush();
    }
}
