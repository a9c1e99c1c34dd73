using System.Net.Sockets;
using System.Security.Cryptography;
using Gantry.Api.Model;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Engine.Spec;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Build;

/// <summary>
/// Runs build steps as containers are run: the same specification, the same keeper, the same confinement. What a step is made of is a container that
/// nobody lists, with a root that the builder owns.
/// </summary>
/// <param name="parts">What starts of containers take.</param>
/// <param name="cgroupsAreVersion2">Whether the host's cgroups are.</param>
/// <param name="networks">Knows whether there is a default network.</param>
internal sealed class BuildStepRunner(ContainerStartParts parts, bool cgroupsAreVersion2, NetworkStore networks) : IStepRunner
{
    private const int FrameHeader = 8;

    /// <inheritdoc/>
    public async Task<int> RunAsync(StepRequest request, CancellationToken cancellation)
    {
        var container = Describe(request);
        Cgroup? cgroup = null;
        // 1. Its network, as containers have it; it is taken away when the step has ended.
        await using var network = parts.Networks.Begin(container);
        try
        {
            // 2. What the process shall be, and its limits.
            parts.EtcFiles.Assign(container);
            var cgroupPath = parts.CgroupPath(container);
            var spec = parts.Spec.Build(container, new RootFiles(request.Root).ReadText, cgroupPath);
            var (mounts, sources) = Mounts(spec, request);
            spec = spec with { Mounts = mounts };
            cgroup = parts.Cgroups.Create(cgroupPath, spec.Linux!.Resources);
            Directory.CreateDirectory(container.ProcessFolder);
            var connected = await network.ReadyAsync();
            parts.EtcFiles.Write(container, connected.Endpoints, connected.AsksHelper);
            // 3. The keeper clones it; its output comes through a socket from its first byte.
            var (own, keeper) = AttachSockets.CreatePair();
            using (own)
            {
                var process = await parts.Keeper.SpawnAsync(
                    Spawn(container, spec, request, cgroup, sources, keeper, connected.Namespace), CancellationToken.None);
                await using var kill = cancellation.Register(cgroup.KillAll);
                // 4. Until it has ended and all it wrote is here.
                await DeliverAsync(own, request.Output);
                var exit = await process.Ended;
                return exit.ExitCode;
            }
        }
        catch (OsException error)
        {
            throw StartFailure.From(container, error).Error;
        }
        finally
        {
            await CleanAsync(container, cgroup);
        }
    }

    private Container Describe(StepRequest request)
    {
        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var operation = request.Operation;
        var host = ConfigMerge.Host(
            new HostConfig
            {
                NetworkMode = operation.Network switch
                {
                    StepNetwork.Host => "host",
                    StepNetwork.None => "none",
                    StepNetwork.Named => operation.NetworkName,
                    _ => "default",
                },
                Privileged = operation.Insecure,
                ReadonlyRootfs = operation.HasReadOnlyRoot,
                ShmSize = operation.ShmSize,
                ExtraHosts = operation.ExtraHosts,
                CgroupParent = operation.CgroupParent,
                Memory = operation.Resources.Memory,
                MemorySwap = operation.Resources.MemorySwap,
                CpuShares = operation.Resources.CpuShares,
                CpuPeriod = operation.Resources.CpuPeriod,
                CpuQuota = operation.Resources.CpuQuota,
                CpusetCpus = operation.Resources.CpusetCpus,
                CpusetMems = operation.Resources.CpusetMems,
                Ulimits = [.. operation.Ulimits.Select(ParseLimit)],
            },
            cgroupsAreVersion2,
            networks.Find("bridge") is null ? "none" : "bridge",
            new ContainerDefaults());
        var document = new ContainerDocument
        {
            Id = id,
            Name = $"build-{id[..12]}",
            Created = DateTimeOffset.UtcNow,
            ImageId = "",
            Platform = operation.Platform,
            Driver = parts.Snapshots.Name,
            HostConfig = host,
            Config = new ContainerConfig
            {
                Hostname = HostName(operation, id),
                User = operation.User,
                WorkingDir = operation.WorkingDirectory,
                Env = request.Environment,
                Cmd = StringOrList.Of([.. operation.Arguments]),
            },
            Mounts = [.. request.Mounts.Where(mount => mount.Source is null).Select(Memory)],
        };
        var folder = parts.Paths.ProcessState(id);
        return new Container(document, new Containers.ContainerState(), folder, folder);
    }

    /// <summary>On a network with names it must be another one for each step.</summary>
    private static string HostName(ExecOperation operation, string id) =>
        operation.HostName.Length > 0 ? operation.HostName : operation.Network == StepNetwork.Named ? id[..12] : "buildkitsandbox";

    private static ContainerMount Memory(ReadyMount mount) => new()
    {
        Type = "tmpfs", Destination = mount.Target, TmpfsOptions = mount.TmpfsSize > 0 ? [$"size={mount.TmpfsSize}"] : [],
    };

    private static Ulimit ParseLimit(string text)
    {
        var equals = text.IndexOf('=');
        var values = equals < 0 ? [] : text[(equals + 1)..].Split(':');
        if (values.Length is not (1 or 2) || !long.TryParse(values[0], out var soft) || !long.TryParse(values[^1], out var hard))
            throw GantryException.Invalid($"invalid ulimit: {text}");
        return new Ulimit { Name = text[..equals], Soft = soft, Hard = hard };
    }

    /// <summary>The mounts of a container, and those of the step whose sources are open already.</summary>
    private static (List<MountSpec> Mounts, List<Fd?> Sources) Mounts(RuntimeSpec spec, StepRequest request)
    {
        var mounts = spec.Mounts!.ToList();
        var sources = mounts.ConvertAll(_ => (Fd?)null);
        foreach (var mount in request.Mounts.Where(mount => mount.Source is not null).OrderBy(mount => mount.Target.Count(c => c == '/')))
        {
            mounts.Add(new MountSpec
            {
                Destination = mount.Target, Type = "bind", Source = "/", Options = mount.ReadOnly ? ["bind", "rprivate", "ro"] : ["bind", "rprivate"],
            });
            sources.Add(mount.Source);
        }
        return (mounts, sources);
    }

    private SpawnRequest Spawn(Container container, RuntimeSpec spec, StepRequest request, Cgroup cgroup, List<Fd?> sources, Fd keeper,
        Fd? networkNamespace) => new()
    {
        Id = container.Id,
        StateFolder = container.ProcessFolder,
        Attached = [new AttachEnd(keeper, Stdin: false, Stdout: true, Stderr: true)],
        Compile = stdio => ContainerProgram.Compile(spec, new Runtime.Create.ContainerResources
        {
            RootMount = request.Root,
            MountPoint = parts.Paths.RootMountPoint,
            Cgroup = cgroup,
            Streams = stdio,
            BindSources = sources,
            NetworkNamespace = networkNamespace,
            SeccompFilter = parts.Spec.Filter(container).Program,
        }),
    };

    /// <summary>Reads docker's frames: the stream, three zeros, the length.</summary>
    private static async Task DeliverAsync(Socket socket, Action<int, ReadOnlyMemory<byte>> output)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var header = new byte[FrameHeader];
        var data = new byte[1 << 16];
        while (await stream.ReadAtLeastAsync(header, FrameHeader, throwOnEndOfStream: false) == FrameHeader)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4));
            while (length > 0)
            {
                var count = await stream.ReadAsync(data.AsMemory(0, Math.Min(length, data.Length)));
                if (count == 0)
                    return;
                output(header[0], data.AsMemory(0, count));
                length -= count;
            }
        }
    }

    private async Task CleanAsync(Container container, Cgroup? cgroup)
    {
        // What the first process started may outlive it: it is in a process namespace of its own, but for privileged steps that left it.
        if (cgroup is not null)
        {
            cgroup.KillAll();
            cgroup.Delete();
        }
        await parts.Keeper.ForgetAsync(container.Id);
        ProcessRecords.Remove(parts.Paths, container.Id);
    }
}
