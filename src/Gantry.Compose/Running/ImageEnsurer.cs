using System.Globalization;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Client.Streams;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Oci.Images;

namespace Gantry.Compose.Running;

/// <summary>Finds the user's credentials for a registry, or null.</summary>
public delegate Task<AuthConfig?> FindCredentials(ImageReference reference);

/// <summary>Builds the images of services.</summary>
public delegate Task BuildImages(IReadOnlyList<Service> services);

/// <summary>Sees to it that the images of a project are there: pulls and builds them as the services' policies say.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="credentials">Finds the user's credentials.</param>
/// <param name="build">Builds images, or null when nothing is to be built.</param>
public sealed class ImageEnsurer(EngineAccess engine, FindCredentials credentials, BuildImages? build)
{
    private readonly Dictionary<string, ImageInspectResponse> _images = new(StringComparer.Ordinal);

    /// <summary>Whether images are built anew that are there.</summary>
    public bool AlwaysBuild { get; init; }

    /// <summary>Whether layers are not shown.</summary>
    public bool Quiet { get; init; }

    /// <summary>The volumes of a service's image, by their places in it.</summary>
    public IEnumerable<string> VolumesOf(string image) => _images.TryGetValue(image, out var found) ? found.Config?.Volumes?.Keys ?? [] : [];

    /// <summary>The ports that an image exposes.</summary>
    public IEnumerable<string> PortsOf(string image) =>
        _images.TryGetValue(image, out var found) ? (found.Config?.ExposedPorts?.Keys ?? []).Select(static port => port.Split('/')[0]) : [];

    /// <summary>Whether a service's image has a health check.</summary>
    public bool HasHealthCheck(string image) =>
        _images.TryGetValue(image, out var found) && found.Config?.Healthcheck?.Test is { Count: > 0 } and not ["NONE", ..];

    /// <summary>Pulls and builds what is missing, and notes the digests of all.</summary>
    /// <returns>Whether there was anything to pull or build.</returns>
    /// <exception cref="ComposeException">An image cannot be had.</exception>
    public async Task<bool> EnsureAsync(Project project)
    {
        // 1. What is there.
        var names = project.Services.Values.Where(static service => service.Map("provider") is null)
            .SelectMany(service => Further(service).Prepend(service.ImageOrDefault(project.Name, project.Separator))).Distinct().ToArray();
        await InspectAsync(names).ConfigureAwait(false);

        // 2. What has to be pulled.
        var pulls = project.Services.Values.Where(MustPull).GroupBy(static service => service.Image).Select(static group => group.First()).ToArray();
        await Threads.ForEachAsync(pulls, service => PullServiceAsync(service, project)).ConfigureAwait(false);
        var further = project.Services.Values.SelectMany(Further).Distinct().Where(image => !_images.ContainsKey(image)).ToArray();
        await Threads.ForEachAsync(further, image => PullAsync(image, image, "")).ConfigureAwait(false);

        // 3. What has to be built.
        var builds = build is null ? [] : project.Services.Values.Where(service => service.Map("build") is not null
            && (AlwaysBuild || service.Text("pull_policy") == "build" || !_images.ContainsKey(service.ImageOrDefault(project.Name, project.Separator))))
                .ToArray();
        if (builds.Length > 0)
        {
            await build!(builds).ConfigureAwait(false);
            await InspectAsync([.. builds.Select(service => service.ImageOrDefault(project.Name, project.Separator)).Distinct()]).ConfigureAwait(false);
        }

        // 4. What containers are compared with.
        foreach (var service in project.Services.Values)
            if (_images.TryGetValue(service.ImageOrDefault(project.Name, project.Separator), out var found))
                service.ImageDigest = found.Id;
        return pulls.Length > 0 || further.Length > 0 || builds.Length > 0;
    }

    /// <summary>Pulls one image.</summary>
    /// <param name="id">How progress names it.</param>
    /// <param name="image">The image.</param>
    /// <param name="platform">Its platform, or empty.</param>
    /// <param name="mayFail">Whether that is no failure: it can be built instead.</param>
    /// <exception cref="ComposeException">It cannot be pulled.</exception>
    public async Task PullAsync(string id, string image, string platform, bool mayFail = false)
    {
        engine.Progress.Begun(id, "Pulling");
        try
        {
            var reference = ImageReference.Parse(image).WithDefaultTag();
            if (engine.IsDryRun)
            {
                await engine.Client.InspectDistributionAsync(reference, await credentials(reference).ConfigureAwait(false)).ConfigureAwait(false);
                engine.Progress.Report(new Step(id, StepState.Done, "") { Word = "Pulled" });
                return;
            }
            using var messages = await engine.Client.PullImageAsync(reference, platform, await credentials(reference).ConfigureAwait(false))
                .ConfigureAwait(false);
            await FollowAsync(id, messages).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            engine.Progress.Report(new Step(id, mayFail ? StepState.Warning : StepState.Error, error.Message) { Word = mayFail ? "Warning" : "Error" });
            throw new ComposeException(error is ClientException ? $"Error response from daemon: {error.Message}" : error.Message);
        }
        engine.Progress.Report(new Step(id, StepState.Done, "") { Word = "Pulled" });
        await InspectAsync(image).ConfigureAwait(false);
    }

    /// <summary>Whether an image is there.</summary>
    public async Task<bool> IsPresentAsync(string image)
    {
        await InspectAsync(image).ConfigureAwait(false);
        return _images.ContainsKey(image);
    }

    private async Task PullServiceAsync(Service service, Project project)
    {
        var platform = service.Text("platform") is { Length: > 0 } own ? own : project.Variables.TryGetValue("DOCKER_DEFAULT_PLATFORM", out var usual)
            ? usual : "";
        var mayFail = service.Map("build") is not null && build is not null;
        try
        {
            await PullAsync(service.Name, service.Image, platform, mayFail).ConfigureAwait(false);
        }
        catch (ComposeException) when (mayFail)
        {
            // It can be built instead.
        }
    }

    private Task InspectAsync(string image) => InspectAsync([image]);

    private async Task InspectAsync(IReadOnlyList<string> images)
    {
        var asked = new List<PendingCall<ImageInspectResponse>>(images.Count);
        try
        {
            foreach (var image in images)
                asked.Add(await engine.Client.BeginInspectImageAsync(image).ConfigureAwait(false));
            for (var index = 0; index < asked.Count; index++)
                await NoteAsync(images[index], asked[index]).ConfigureAwait(false);
        }
        finally
        {
            asked.ForEach(static call => call.Dispose());
        }
    }

    private async Task NoteAsync(string image, PendingCall<ImageInspectResponse> asked)
    {
        try
        {
            var inspected = await asked.ReadAsync().ConfigureAwait(false);
            lock (_images)
                _images[image] = inspected;
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            // It has to be pulled or built.
        }
    }

    // Images that are mounted, and of what is run before the start.
    private static IEnumerable<string> Further(Service service) =>
        service.Maps("volumes").Where(static volume => volume.Text("type") == "image").Select(static volume => volume.Text("source"))
            .Concat(service.Maps("pre_start").Select(static hook => hook.Text("image")).Where(static image => image.Length > 0));

    private bool MustPull(Service service)
    {
        if (service.Map("provider") is not null || service.Image.Length == 0)
            return false;
        var present = _images.TryGetValue(service.Image, out var image);
        switch (service.Text("pull_policy"))
        {
            case "always":
                return true;
            case "never" or "build":
                return false;
            case var policy when RefreshAfter(policy == "refresh" ? "every_" + service.Text("pull_refresh_after") : policy) is { } age:
                return !present || DateTimeOffset.UtcNow > image!.Metadata.LastTagTime + age;
            default:
                return !present;
        }
    }

    private static TimeSpan? RefreshAfter(string policy) => policy switch
    {
        "daily" => TimeSpan.FromDays(1),
        "weekly" => TimeSpan.FromDays(7),
        _ when policy.StartsWith("every_", StringComparison.Ordinal) && DurationText.Parse(policy["every_".Length..]) is { } nanoseconds =>
            TimeSpan.FromTicks(nanoseconds / 100),
        _ => null,
    };

    private async Task FollowAsync(string id, MessageReader messages)
    {
        while (await messages.NextAsync(ApiJson.Wire.ProgressMessage).ConfigureAwait(false) is { } message)
        {
            if (message.ErrorDetail?.Message is { Length: > 0 } failure || (failure = message.Error) is { Length: > 0 })
                throw new ComposeException(failure);
            if (Quiet || string.IsNullOrEmpty(message.Id) || message.Status is not { Length: > 0 } status
                || status.StartsWith("Pulling from", StringComparison.Ordinal))
                continue;
            var done = status is "Pull complete" or "Already exists" or "Download complete";
            engine.Progress.Report(new Step(message.Id, done ? StepState.Done : StepState.Working, "")
            {
                Parent = id,
                Word = status,
                IsLayer = true,
                Current = message.ProgressDetail?.Current ?? 0,
                Total = message.ProgressDetail?.Total ?? 0,
            });
        }
    }
}
