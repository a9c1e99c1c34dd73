using System.Diagnostics;
using Gantry.Api.Model;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Engine.Filesystem;

/// <summary>What <c>docker commit</c> is given.</summary>
public sealed record CommitRequest
{
    /// <summary>The new image's name; null for none.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = "";

    /// <summary>A message for its history.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Whether a running container is frozen meanwhile, so that its files fit together.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Changes of the configuration in Dockerfile syntax.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>What takes precedence over the container's configuration.</summary>
    public ContainerConfig Config { get; init; } = new();
}

/// <summary>Makes an image of what a container changed: <c>docker commit</c>.</summary>
public sealed class ContainerCommitter
{
    private readonly ImageStore _images;
    private readonly ImageCommitter _committer;
    private readonly ContainerDiffer _differ;
    private readonly ContainerPauser _pauser;
    private readonly ContainerEvents _events;
    private readonly ActionTimes _times;

    internal ContainerCommitter(ImageStore images, ImageCommitter committer, ContainerDiffer differ, ContainerPauser pauser, ContainerEvents events,
        ActionTimes times)
    {
        _times = times;
        _images = images;
        _committer = committer;
        _differ = differ;
        _pauser = pauser;
        _events = events;
    }

    /// <summary>Makes the image.</summary>
    /// <exception cref="GantryException">
    /// A change is malformed (InvalidArgument), the container's image is gone (NotFound), or the container is being removed (Conflict).
    /// </exception>
    public async Task<Image> CommitAsync(Container container, CommitRequest request, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        // 1. Everything that can be refused is refused before the container is frozen.
        if (container.State.Status is ContainerStatus.Removing or ContainerStatus.Dead)
            throw GantryException.Conflict($"You cannot commit container {container.Id} which is being removed");
        var config = CommittedConfig.Merge(
            ConfigChanges.Apply(CommittedConfig.From(request.Config), request.Changes), CommittedConfig.From(container.Config));
        var commit = new ImageCommit
        {
            Parent = _images.Resolve(container.ImageId),
            Config = config,
            Reference = request.Reference,
            Author = request.Author,
            Comment = request.Comment,
            CreatedBy = string.Join(' ', container.Config.Cmd ?? []),
        };

        // 2. The image; the container stands still while its files are read, no longer.
        var isChanged = _differ.List(container).Count > 0;
        var image = await _committer.CommitAsync(
            commit, isChanged ? (output, stop) => WriteAsync(container, request.Pause, output, stop) : null, cancellation);

        // 3. Told to whoever listens.
        _times.Took("commit", begun);
        _events.Publish(
            container, "commit",
            ("comment", request.Comment), ("imageID", image.Id.ToString()), ("imageRef", request.Reference?.WithDefaultTag().ToString() ?? ""));
        return image;
    }

    private async Task WriteAsync(Container container, bool pause, Stream output, CancellationToken cancellation)
    {
        var paused = pause && await TryPauseAsync(container, cancellation);
        try
        {
            await _differ.WriteAsync(container, output, cancellation);
        }
        finally
        {
            if (paused)
                await UnpauseAsync(container);
        }
    }

    private async Task<bool> TryPauseAsync(Container container, CancellationToken cancellation)
    {
        if (container.State.Status is not ContainerStatus.Running)
            return false;
        try
        {
            await _pauser.PauseAsync(container, cancellation);
            return true;
        }
        catch (GantryException e) when (e.Kind is ErrorKind.Conflict)
        {
            return false; // It ended, or was paused by another, since it was looked at.
        }
    }

    private async Task UnpauseAsync(Container container)
    {
        try
        {
            await _pauser.UnpauseAsync(container, CancellationToken.None);
        }
        catch (GantryException e) when (e.Kind is ErrorKind.Conflict)
        {
            // Killed, or unpaused by another, meanwhile.
        }
    }
}
