using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Progress;
using Gantry.Oci.Images;

namespace Gantry.Compose.Running;

/// <summary>Pushes images.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="credentials">Finds the user's credentials.</param>
public sealed class ImagePusher(EngineAccess engine, FindCredentials credentials)
{
    /// <summary>Pushes an image.</summary>
    /// <param name="id">How progress names it.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="ComposeException">It cannot be pushed.</exception>
    public async Task PushAsync(string id, string image)
    {
        engine.Progress.Begun(id, "Pushing");
        if (engine.IsDryRun)
        {
            engine.Progress.Report(new Step(id, StepState.Done, "") { Word = "Pushed" });
            return;
        }
        try
        {
            var reference = ImageReference.Parse(image).WithDefaultTag();
            using var messages = await engine.Client.PushImageAsync(reference, null, null, await credentials(reference).ConfigureAwait(false)).ConfigureAwait(false);
            while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
            {
                if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
                    throw new ComposeException(failure);
                if (message.Id is { Length: > 0 } layer && message.Status is { Length: > 0 } status)
                    engine.Progress.Report(new Step(layer, status is "Pushed" or "Layer already exists" ? StepState.Done : StepState.Working, "")
                    {
                        Word = status,
                        Parent = id,
                        Current = message.ProgressDetail?.Current ?? 0,
                        Total = message.ProgressDetail?.Total ?? 0,
                    });
            }
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            engine.Progress.Report(new Step(id, StepState.Error, error.Message) { Word = "Error" });
            throw new ComposeException(error is ClientException ? $"Error response from daemon: {error.Message}" : error.Message);
        }
        engine.Progress.Report(new Step(id, StepState.Done, "") { Word = "Pushed" });
    }
}
