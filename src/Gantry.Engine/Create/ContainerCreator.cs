using System.Diagnostics;
using System.Security.Cryptography;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Engine.Networks;
using Gantry.Images;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.Create;

/// <summary>Makes containers.</summary>
public sealed class ContainerCreator
{
    private readonly ContainerRegistry _registry;
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;
    private readonly ImageStore _images;
    private readonly ImageUnpacker _unpacker;
    private readonly ISnapshotter _snapshots;
    private readonly VolumeStore _volumes;
    private readonly VolumeContent _volumeContent;
    private readonly NetworkStore _networks;
    private readonly ResourceWarnings _warnings;
    private readonly ContainerDefaults _defaults;
    private readonly ActionTimes _times;
    private readonly TimeProvider _clock;

    internal ContainerCreator(
        ContainerRegistry registry, ContainerFolder folder, ContainerEvents events, ImageStore images, ImageUnpacker unpacker,
        ISnapshotter snapshots, VolumeStore volumes, VolumeMounts mounts, NetworkStore networks, ResourceWarnings warnings, ContainerDefaults defaults,
        ActionTimes times, TimeProvider clock)
    {
        _times = times;
        _registry = registry;
        _folder = folder;
        _events = events;
        _images = images;
        _unpacker = unpacker;
        _snapshots = snapshots;
        _volumes = volumes;
        _volumeContent = new VolumeContent(volumes, mounts, snapshots);
        _networks = networks;
        _warnings = warnings;
        _defaults = defaults;
        _clock = clock;
    }

    /// <summary>Makes a container; nothing of it runs yet.</summary>
    /// <exception cref="GantryException">
    /// The configuration is refused (InvalidArgument, NotImplemented), there is no such image (NotFound), or the name is taken (Conflict).
    /// </exception>
    public async Task<CreatedContainer> CreateAsync(ContainerCreation creation, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        // 1. Everything that can be refused is refused before anything is made.
        ConfigValidator.Check(creation.Config, creation.HostConfig, creation.Networking);
        CheckOthers(creation.HostConfig);
        var requestedName = string.IsNullOrEmpty(creation.Name) ? null : ContainerNames.Validate(creation.Name);
        var image = FindImage(creation);
        var document = Document(creation, image, requestedName);
        if (document.Config.Entrypoint is not { Count: > 0 } && document.Config.Cmd is not { Count: > 0 })
            throw GantryException.Invalid("no command specified");

        // 2. The name, which two at once may want.
        _registry.ReserveName(document.Name, document.Id);
        var undo = new Stack<Action>();
        undo.Push(() => _registry.ReleaseName(document.Name, document.Id));
        Container container;
        MountPlan? plan = null;
        try
        {
            // 3. The writable layer on the image's, which nobody removes from now on; its files are made when they are needed.
            using var hold = _images.Hold(image);
            var parent = await _unpacker.EnsureUnpackedAsync(image, cancellation);
            _snapshots.Prepare(document.Id, parent);
            undo.Push(() => _snapshots.Remove(document.Id));
            if (creation.FillRoot is { } fill)
                await fill(document.Id);

            // 4. The volumes.
            plan = new MountPlanner(_volumes, _images, _registry).Plan(document.Id, document.Config, document.HostConfig);
            plan.AnonymousVolumes.ForEach(name => undo.Push(() => _volumes.RemoveAnonymous(name)));
            _volumeContent.Fill(document.Id, plan.Mounts, document.HostConfig.AutoRemove);
            document = document with { RootLayer = parent, Mounts = plan.Mounts, AnonymousVolumes = plan.AnonymousVolumes };

            // 5. Its folder; with the document in it the container exists. It is known before its volumes are let go of.
            container = _folder.Create(document);
            _registry.Add(container);
        }
        catch
        {
            while (undo.TryPop(out var step))
                step();
            throw;
        }
        finally
        {
            plan?.Dispose();
        }

        plan.AnonymousVolumes.ForEach(_volumes.Settle);
        _times.Took("create", begun);
        _events.Publish(container, "create");
        return new CreatedContainer(container.Id, _warnings.For(container, image, creation.HostConfig));
    }

    /// <summary>Refuses what names containers that do not exist.</summary>
    private void CheckOthers(Api.Model.HostConfig host)
    {
        const string Shared = "container:";
        foreach (var mode in (string[])[host.IpcMode, host.PidMode])
        {
            if (mode.StartsWith(Shared, StringComparison.Ordinal) && !_registry.TryGet(mode[Shared.Length..], out _))
                throw GantryException.Invalid($"No such container: {mode[Shared.Length..]}");
        }
        // On users' networks a link is a name that may come later.
        var links = host.NetworkMode is "" or "default" or "bridge" ? host.Links ?? [] : [];
        foreach (var other in links.Select(static link => Spec.ContainerLinks.Parse(link).Name))
        {
            if (!_registry.TryGet(other, out _))
                throw GantryException.Invalid($"could not get container for {other}: No such container: {other}");
        }
    }

    private Image FindImage(ContainerCreation creation)
    {
        if (creation.Config.Image.Length == 0)
            throw GantryException.Invalid("no image specified");
        var image = _images.Resolve(creation.Config.Image, creation.Platform is { Length: > 0 } platform ? Platform.Parse(platform) : null);
        // That of another platform is not listed: the one that has the name is.
        _images.Use.Touch(_images.Find(creation.Config.Image)?.Id ?? image.Id);
        return image;
    }

    private ContainerDocument Document(ContainerCreation creation, Image image, string? name)
    {
        var id = creation.Id ?? RandomNumberGenerator.GetHexString(64, lowercase: true);
        var host = ConfigMerge.Host(creation.HostConfig, _warnings.CgroupsAreVersion2, _networks.Find("bridge") is null ? "none" : "bridge", _defaults);
        return new ContainerDocument
        {
            Id = id,
            Name = name ?? ContainerNames.Generate(_registry.IsNameFree),
            Created = _clock.GetUtcNow(),
            ImageId = image.Id.ToString(),
            Platform = image.Config.Platform,
            Driver = _snapshots.Name,
            Config = ConfigMerge.Config(id, creation.Config, image.Config.Config, host.NetworkMode == "host"),
            HostConfig = host,
            Networking = creation.Config.NetworkDisabled ? NetworkPlan.Nothing
                : NetworkPlan.Make(host.NetworkMode, creation.Networking, creation.MacAddress, _networks.Find),
        };
    }
}
