using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Images;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.Migrate;

/// <summary>
/// Takes images, volumes and containers over from the root folder of a Docker with the storage driver overlay2: <c>system migrate</c>. That folder is only
/// read. What is here already by a
/// name is left alone; what cannot be taken over is told, and the rest goes on.
/// </summary>
public sealed class DockerMigrator
{
    private readonly ImageStore _images;
    private readonly ImageAssembler _assembler;
    private readonly VolumeStore _volumes;
    private readonly VolumeMounts _mounts;
    private readonly NetworkStore _networks;
    private readonly ContainerRegistry _registry;
    private readonly ContainerCreator _creator;
    private readonly ISnapshotter _snapshots;
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal DockerMigrator(EngineFoundation foundation, ContainerCreator creator)
    {
        _images = foundation.Images;
        _assembler = new ImageAssembler(foundation.Images, foundation.Unpacker);
        _volumes = foundation.Volumes;
        _mounts = foundation.VolumeMounts;
        _networks = foundation.Networks.Store;
        _registry = foundation.Registry;
        _creator = creator;
        _snapshots = foundation.Snapshots;
    }

    /// <summary>Takes over what is asked for.</summary>
    /// <param name="migration">What.</param>
    /// <param name="report">Is told a line for each object, how far layers have come, and what else the user should know.</param>
    /// <param name="cancellation">Stops it after the object that is under way; what is whole stays.</param>
    /// <exception cref="GantryException">The folder is no Docker's, has nothing of a name, or something could not be taken over.</exception>
    public async Task RunAsync(DockerMigration migration, Action<ImageProgress> report, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            using var root = DockerRoot.Open(migration.From);
            await new Run(this, root, migration, report).GoAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>One migration.</summary>
    private sealed class Run(DockerMigrator owner, DockerRoot root, DockerMigration migration, Action<ImageProgress> progress)
    {
        private readonly DockerImages _images = new(root);
        private readonly DockerVolumes _volumes = new(root, owner._volumes, owner._mounts);
        private readonly DockerNetworks _networks = new(root, owner._networks);
        private readonly DockerContainers _containers = new(root);
        private readonly HashSet<string> _failedVolumes = [];
        private int _taken;
        private int _left;
        private int _failed;

        public async Task GoAsync(CancellationToken cancellation)
        {
            // 1. What there is, and what of it is wanted.
            var isInUse = root.IsInUse;
            var plan = Choose(isInUse);
            // 2. What others need comes first.
            foreach (var image in plan.Images)
                await TakeAsync($"image {image.Title}", () => TakeImageAsync(image, cancellation), cancellation);
            foreach (var volume in plan.Volumes)
            {
                if (!await TakeAsync($"volume {volume.Name}", () => TakeVolumeAsync(volume), cancellation))
                    _failedVolumes.Add(volume.Name);
            }
            foreach (var container in plan.Containers)
                await TakeAsync($"container {container.Name}", () => TakeContainerAsync(container, cancellation), cancellation);
            // 3. The sum.
            Tell($"{_taken} {(migration.DryRun ? "would be " : "")}taken over, {_left} left alone, {_failed} failed");
            if (_failed > 0)
                throw new GantryException(ErrorKind.System, $"migrate: {_failed} of {_taken + _left + _failed} could not be taken over");
        }

        private MigrationPlan Choose(bool isInUse)
        {
            var (volumes, volumeProblem) = _volumes.Read();
            var containers = _containers.Read((id, problem) => Fail($"container {id[..12]}", problem));
            var all = new MigrationPlan(_images.Read(), volumes, containers);
            if (!isInUse)
                return Told(MigrationPlan.Choose(migration.Names, all, root.Path), volumeProblem);
            if (migration.Names.FirstOrDefault(name => containers.Any(container => container.IsMeantBy(name))) is { } running)
                throw GantryException.Conflict($"migrate: container {running} cannot be taken over while a Docker runs on {root.Path}: stop it first");
            Tell($"warning: a Docker runs on {root.Path}: containers are not taken over, and files that are changed meanwhile are as they were found. Stop it for a whole migration");
            return Told(MigrationPlan.Choose(migration.Names, all with { Containers = [] }, root.Path), volumeProblem);
        }

        private MigrationPlan Told(MigrationPlan plan, string? volumeProblem)
        {
            if (volumeProblem is not null && plan.Volumes.Count > 0)
                Tell($"warning: labels of volumes are not taken over: {volumeProblem}");
            if (_networks.Read() is { } problem && plan.Containers.Count > 0)
                Tell($"warning: networks are not taken over: {problem}");
            return plan;
        }

        /// <summary>Takes one object over, and tells what became of it.</summary>
        /// <returns>Whether it is here now.</returns>
        private async Task<bool> TakeAsync(string what, Func<Task<string?>> take, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (await take() is { } reason)
                {
                    _left++;
                    Tell($"{what}: left alone, {reason}");
                    return true;
                }
                _taken++;
                Tell($"{what}: {(migration.DryRun ? "would be taken over" : "taken over")}");
                return true;
            }
            catch (Exception error) when (error is GantryException or IOException or UnauthorizedAccessException)
            {
                Fail(what, error.Message);
                return false;
            }
        }

        private void Tell(string line) => progress(new ImageProgress(line));

        private void Fail(string what, string problem)
        {
            _failed++;
            Tell($"{what}: not taken over: {problem}");
        }

        /// <returns>Why it was left alone; null when it was taken over.</returns>
        private async Task<string?> TakeImageAsync(DockerImage image, CancellationToken cancellation)
        {
            var free = image.Names.Where(name => owner._images.Find(name.Familiar) is null).ToList();
            foreach (var name in image.Names.Except(free).Where(name => owner._images.Find(name.Familiar)!.Id != image.Id))
                Tell($"image {name.Familiar}: another image has this name here, which is left alone");
            if (owner._images.Find(image.Id) is not null && free.Count == 0)
                return "it is here already";
            if (!migration.DryRun)
                await owner._assembler.AssembleAsync(_images.ReadConfig(image), free, (chainId, output) =>
                    _images.WriteLayer(chainId, output, progress, cancellation), cancellation);
            return null;
        }

        private async Task<string?> TakeVolumeAsync(DockerVolume volume)
        {
            if (owner._volumes.Find(volume.Name) is not null)
                return "a volume of this name is here already";
            if (!migration.DryRun)
                await _volumes.TakeAsync(volume);
            return null;
        }

        private async Task<string?> TakeContainerAsync(DockerContainer container, CancellationToken cancellation)
        {
            if (owner._registry.TryGet(container.Id, out _) || !owner._registry.IsNameFree(container.Name))
                return "a container of this name is here already";
            if (container.Volumes.FirstOrDefault(_failedVolumes.Contains) is { } missing)
                throw GantryException.Conflict($"its volume {missing} could not be taken over");
            var networks = await NetworksOfAsync(container, cancellation);
            var creation = _containers.Describe(container, ImageOf(container), name => networks.GetValueOrDefault(_networks.NameOf(name), name));
            using var changes = _containers.OpenChanges(container);
            if (!migration.DryRun)
                await owner._creator.CreateAsync(
                    creation with { FillRoot = key => WritableLayer.CopyAsync(owner._snapshots, key, changes, cancellation) }, cancellation);
            return null;
        }

        /// <summary>What the container's networks are here: their own name, or that of the default network for one that cannot be had.</summary>
        private async Task<Dictionary<string, string>> NetworksOfAsync(DockerContainer container, CancellationToken cancellation)
        {
            var networks = new Dictionary<string, string>();
            foreach (var name in _containers.NetworksOf(container).Select(_networks.NameOf).Distinct())
            {
                try
                {
                    if (migration.DryRun ? !_networks.IsKnown(name) : await _networks.EnsureAsync(name, cancellation))
                        Tell(migration.DryRun ? $"network {name}: is missing" : $"network {name}: taken over");
                    networks[name] = name;
                }
                catch (Exception error) when (error is GantryException or OsException)
                {
                    Tell($"warning: container {container.Name}: its network {name} cannot be made, the default one takes its place: {error.Message}");
                    networks[name] = "bridge";
                }
            }
            return networks;
        }

        /// <summary>The name that the container's image was asked for by, if it means the same image here, or else its ID.</summary>
        private string ImageOf(DockerContainer container)
        {
            var name = container.Document.Member("Config")?.Text("Image");
            return name is not null && owner._images.Find(name)?.Id == container.Image ? name : container.Image.ToString();
        }
    }
}
