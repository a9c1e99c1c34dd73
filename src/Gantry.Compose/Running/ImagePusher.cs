using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Oci.Images;

namespace Gantry.Compose.Running;

/// <summary>Pushes images of services.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="credentials">Finds the user's credentials.</param>
public sealed class ImagePusher(EngineAccess engine, FindCredentials credentials)
{
    /// <summary>Takes what cannot be pushed; null: that is the end.</summary>
    public Action<Service, ComposeException>? Tolerate { get; init; }

    /// <summary>Pushes the images of services that are built here, under all their names, side by side.</summary>
    /// <exception cref="ComposeException">One cannot be pushed, and that is not tolerated.</exception>
    public async Task PushAsync(Project project, IReadOnlyCollection<Service> services)
    {
        var built = services.Where(static service => service.Map("build") is not null && service.Image.Length > 0).ToArray();
        foreach (var service in services.Except(built))
            engine.Progress.Report(new Step(service.Name, StepState.Warning, "") { Word = "Skipped" });
        var names = built.SelectMany(service => new BuildSection(project, service).Tags.Select(image => (Service: service, Image: image))).ToArray();
        await Threads.ForEachAsync(names, async name =>
        {
            try
            {
                await PushAsync(name.Image).ConfigureAwait(false);
            }
            catch (ComposeException error) when (Tolerate is not null)
            {
                Tolerate(name.Service, error);
            }
        }).ConfigureAwait(false);
    }

    private async Task PushAsync(string image)
    {
        if (engine.IsDryRun)
        {
            Report(image, image, "Pushed", null);
            return;
        }
        try
        {
            var reference = ImageReference.Parse(image).WithDefaultTag();
            using var messages = await engine.Client.PushImageAsync(reference, null, null, await credentials(reference).ConfigureAwait(false))
                .ConfigureAwait(false);
            while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
            {
                if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
                    throw new ComposeException(failure);
                if (message.Id is { Length: > 0 } layer && message.Status is { Length: > 0 } status)
                    Report(image, layer, status, message.ProgressDetail);
            }
        }
        catch (ClientException error)
        {
            throw new ComposeException($"Error response from daemon: {error.Message}");
        }
    }

    private void Report(string image, string layer, string status, ProgressDetail? detail)
    {
        var done = status is "Pushed" or "Layer already exists" || status.StartsWith("Mounted from", StringComparison.Ordinal);
        engine.Progress.Report(new Step($"Pushing {image}: {layer}", done ? StepState.Done : StepState.Working, "")
        {
            Word = status,
            IsLayer = true,
            Current = detail?.Current ?? 0,
            Total = detail?.Total ?? 0,
        });
    }
}
