using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Listing;

namespace Gantry.Api.Mapping;

/// <summary>Images on the wire.</summary>
internal sealed class ImageMapping(ContainerRegistry containers, ImageUse use, string storageDriver)
{
    public ImageSummary ToSummary(Image image, ApiVersion version)
    {
        // Up to 1.42 an image without a name had one that says so.
        var isNameless = !version.IsAtLeast(43) && image.RepoTags.Count == 0;
        return new ImageSummary
        {
            Id = image.Id.ToString(),
            Created = (image.Created ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds(),
            RepoTags = isNameless ? ["<none>:<none>"] : image.RepoTags,
            RepoDigests = isNameless && image.RepoDigests.Count == 0 ? ["<none>@<none>"] : image.RepoDigests,
            Labels = image.Labels.Count > 0 ? image.Labels : null,
            Size = image.Size,
            VirtualSize = version.IsAtLeast(44) ? null : image.Size,
            SharedSize = -1,
            Descriptor = version.IsAtLeast(48) ? ImageManifestMapping.ToDescriptor(image.Target) : null,
            LastUsedAt = use.LastUsed(image.Id),
            // Older clients know it as "not counted".
            Containers = version.IsAtLeast(51) ? containers.List().Count(container => container.ImageId == image.Id.ToString()) : -1,
        };
    }

    public ImageInspectResponse ToInspect(Image image, ApiVersion version) => new()
    {
        Id = image.Id.ToString(),
        Descriptor = version.IsAtLeast(48) ? ImageManifestMapping.ToDescriptor(image.Target) : null,
        RepoTags = image.RepoTags,
        RepoDigests = image.RepoDigests,
        Parent = version.IsAtLeast(52) ? null : "",
        // As docker: an image without a comment of its own has that of its last step.
        Comment = image.Config.Comment is { Length: > 0 } comment ? comment : image.Config.History is [.., { Comment: { } last }] ? last : "",
        Created = image.Created,
        DockerVersion = version.IsAtLeast(52) ? null : image.Config.DockerVersion ?? "",
        Author = image.Config.Author ?? "",
        Architecture = image.Config.Architecture,
        Variant = image.Config.Variant,
        Os = image.Config.Os,
        OsVersion = image.Config.OsVersion,
        Size = image.Size,
        VirtualSize = version.IsAtLeast(44) ? null : image.Size,
        ContainerConfig = version.IsAtLeast(45) ? null : new ImageContainerConfig(),
        GraphDriver = new DriverData { Name = storageDriver, Data = new Dictionary<string, string>() },
        RootFS = new Model.ImageRootFS { Type = "layers", Layers = [.. image.Layers.Select(layer => layer.DiffId.ToString())] },
        Metadata = new ImageMetadata { LastTagTime = image.TaggedAt ?? default },
        LastUsedAt = use.LastUsed(image.Id),
        Config = image.Config.Config is { } config ? ToConfig(config) : null,
    };

    public static ImageHistoryItem ToHistoryItem(HistoryStep step) => new()
    {
        Id = step.Id,
        Created = (step.Created ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds(),
        CreatedBy = step.CreatedBy,
        Tags = step.Tags.Count > 0 ? step.Tags : null,
        Size = step.Size,
        Comment = step.Comment,
    };

    public static IReadOnlyList<ImageDeleteItem> ToDeleteItems(IReadOnlyList<RemovedItem> items) =>
        [.. items.Select(item => new ImageDeleteItem { Untagged = item.Untagged, Deleted = item.Deleted })];

    public static ImageSearchItem ToSearchItem(SearchResult found) => new()
    {
        Name = found.Name,
        Description = found.Description,
        StarCount = found.StarCount,
        IsOfficial = found.IsOfficial,
    };

    private static ImageContainerConfig ToConfig(ImageRunConfig config) => new()
    {
        User = config.User ?? "",
        ExposedPorts = ToSet(config.ExposedPorts?.Keys),
        Env = config.Env,
        Entrypoint = config.Entrypoint,
        Cmd = config.Cmd,
        Healthcheck = config.Healthcheck is { } check ? ToHealth(check) : null,
        ArgsEscaped = config.ArgsEscaped ?? false,
        Volumes = ToSet(config.Volumes?.Keys),
        WorkingDir = config.WorkingDir ?? "",
        OnBuild = config.OnBuild,
        Labels = config.Labels,
        StopSignal = config.StopSignal,
        Shell = config.Shell,
    };

    private static HealthConfig ToHealth(ImageHealthcheck check) => new()
    {
        Test = check.Test,
        Interval = check.Interval,
        Timeout = check.Timeout,
        StartPeriod = check.StartPeriod,
        StartInterval = check.StartInterval,
        Retries = check.Retries,
    };

    private static Dictionary<string, Model.EmptyObject>? ToSet(IEnumerable<string>? names) => names?.ToDictionary(name => name, _ => Model.EmptyObject.Value);
}
