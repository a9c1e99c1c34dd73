using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using ContainerState = Gantry.Engine.Containers.ContainerState;

namespace Gantry.Api.Mapping;

/// <summary>Containers on the wire: whole, and as rows of a list.</summary>
internal sealed class ContainerMapping(Engine.Engine engine)
{
    private readonly NetworkMapping _networks = new(engine);

    public ContainerInspectResponse ToInspect(Container container, bool withSize, ApiVersion version)
    {
        var (sizeRw, sizeRootFs) = withSize ? engine.Sizes.Of(container) : ((long?)null, (long?)null);
        var state = container.State;
        var execs = container.ExecIds;
        return new ContainerInspectResponse
        {
            Id = container.Id,
            Created = container.Created,
            Path = container.Path,
            Args = container.Args,
            State = ToState(state),
            Image = container.ImageId,
            ResolvConfPath = container.ResolvConfPath,
            HostnamePath = container.HostnamePath,
            HostsPath = container.HostsPath,
            LogPath = container.LogPath,
            Name = "/" + container.Name,
            RestartCount = state.RestartCount,
            Driver = container.Driver,
            Platform = container.Platform.Os,
            ExecIDs = execs.Count > 0 ? execs : null,
            HostConfig = container.HostConfig,
            GraphDriver = new DriverData { Name = container.Driver, Data = new Dictionary<string, string> { ["ID"] = container.Id } },
            SizeRw = sizeRw,
            SizeRootFs = sizeRootFs,
            Mounts = [.. container.Mounts.Where(static mount => !mount.IsHidden).Select(mount => mount.ToMountPoint())],
            Config = container.Config,
            NetworkSettings = _networks.ToSettings(container, version),
        };
    }

    public ContainerSummary ToSummary(Container container, bool withSize)
    {
        var (sizeRw, sizeRootFs) = withSize ? engine.Sizes.Of(container) : (0, 0);
        var state = container.State;
        return new ContainerSummary
        {
            Id = container.Id,
            Names = ["/" + container.Name],
            Image = ImageOf(container),
            ImageID = container.ImageId,
            Command = CommandOf(container),
            Created = container.Created.ToUnixTimeSeconds(),
            Ports = PortMapping.ToRows(container),
            SizeRw = sizeRw,
            SizeRootFs = sizeRootFs,
            Labels = container.Config.Labels ?? new Dictionary<string, string>(),
            State = ContainerStatusText.Word(state.Status),
            Status = ContainerStatusText.Sentence(state, DateTimeOffset.UtcNow),
            HostConfig = new ContainerSummaryHostConfig { NetworkMode = container.HostConfig.NetworkMode, Annotations = container.HostConfig.Annotations },
            NetworkSettings = new ContainerSummaryNetworks { Networks = _networks.ToEndpoints(container) },
            Mounts = [.. container.Mounts.Where(static mount => !mount.IsHidden).Select(mount => mount.ToMountPoint())],
        };
    }

    private static Model.ContainerState ToState(ContainerState state) => new()
    {
        Status = ContainerStatusText.Word(state.Status),
        // A container that waits for its next start counts as running, as docker has it.
        Running = state.IsRunning || state.Status is ContainerStatus.Restarting,
        Paused = state.Status is ContainerStatus.Paused,
        Restarting = state.Status is ContainerStatus.Restarting,
        OOMKilled = state.OomKilled,
        Dead = state.Status is ContainerStatus.Dead,
        Pid = state.Pid,
        ExitCode = state.ExitCode,
        Error = state.Error,
        StartedAt = state.StartedAt ?? default,
        FinishedAt = state.FinishedAt ?? default,
        Health = state.Health,
    };

    // The name it was made from, as long as that name still means the same image.
    private string ImageOf(Container container) =>
        engine.Images.Find(container.ImageName)?.Id.ToString() == container.ImageId ? container.ImageName : container.ImageId;

    private static string CommandOf(Container container) =>
        string.Join(' ', container.Args.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument)
            .Prepend(container.Path));
}
