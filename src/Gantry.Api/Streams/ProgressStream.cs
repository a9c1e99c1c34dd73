using Gantry.Api.Errors;
using System.Threading.Channels;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Oci;

namespace Gantry.Api.Streams;

/// <summary>
/// The answer of a long operation that reports as it goes. The head is sent with the first message, so that what fails before is an
/// ordinary error; what fails later is the last message of the stream.
/// </summary>
internal sealed class ProgressStream
{
    private readonly ApiCall _call;

    // Reports come from the thread that works, which must not wait for a slow client: they queue here, few and small.
    private readonly Channel<ProgressMessage> _messages = Channel.CreateUnbounded<ProgressMessage>(new UnboundedChannelOptions { SingleReader = true });

    private ProgressStream(ApiCall call) => _call = call;

    /// <summary>Runs the operation and streams what it reports.</summary>
    /// <param name="call">The request.</param>
    /// <param name="operation">The work; it gets the method to report by, which may be called on any thread.</param>
    public static async Task RunAsync(ApiCall call, Func<Action<ProgressMessage>, Task> operation)
    {
        var progress = new ProgressStream(call);
        var delivery = progress.DeliverAsync();
        try
        {
            await operation(message => progress._messages.Writer.TryWrite(message));
            progress._messages.Writer.Complete();
            // Nothing was reported: the client still gets an answer that is a stream.
            if (await delivery is null) await JsonStream.OpenAsync(call);
        }
        catch (Exception exception)
        {
            progress._messages.Writer.TryComplete();
            if (await delivery is not { } stream || exception is not (GantryException or IOException)) throw;
            var message = ErrorAnswer.MessageOf(exception);
            var error = new ProgressMessage { Error = message, ErrorDetail = new ErrorDetail { Message = message } };
            await stream.WriteAsync(error, ApiJson.Wire.ProgressMessage);
        }
    }

    /// <returns>The stream, if anything was written to it.</returns>
    private async Task<JsonStream?> DeliverAsync()
    {
        JsonStream? stream = null;
        await foreach (var message in _messages.Reader.ReadAllAsync(_call.Aborted))
        {
            stream ??= await JsonStream.OpenAsync(_call);
            await stream.WriteAsync(message, ApiJson.Wire.ProgressMessage);
        }
        return stream;
    }
}
