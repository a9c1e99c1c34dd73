using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;

namespace Gantry.Compose.Running;

/// <summary>What the daemon has that a project is compared with. All of it is asked for at once; what is read is waited for.</summary>
internal sealed class PresentObjects : IDisposable
{
    private PendingList<ContainerSummary>? _containers;
    private PendingList<NetworkResource>? _networks;
    private PendingCall<VolumeListResponse>? _volumes;

    /// <summary>Asks the daemon.</summary>
    public static async Task<PresentObjects> AskAsync(EngineAccess engine, Project project)
    {
        var asked = new PresentObjects();
        try
        {
            asked._containers = await engine.Client.BeginListContainersAsync(all: true, null, size: false, EngineAccess.ProjectFilters(project.Name))
                .ConfigureAwait(false);
            if (project.Networks.Count > 0)
                asked._networks = await engine.Client.BeginListNetworksAsync().ConfigureAwait(false);
            if (project.Volumes.Count > 0)
                asked._volumes = await engine.Client.BeginListVolumesAsync().ConfigureAwait(false);
            return asked;
        }
        catch
        {
            asked.Dispose();
            throw;
        }
    }

    /// <summary>The containers of the project, those of <c>run</c> too, by name.</summary>
    public async Task<List<ContainerSummary>> ContainersAsync() => EngineAccess.ByName(await _containers!.ReadAsync().ConfigureAwait(false));

    /// <summary>All networks; none for a project that has none.</summary>
    public async Task<IReadOnlyList<NetworkResource>> NetworksAsync() => _networks is null ? [] : await _networks.ReadAsync().ConfigureAwait(false);

    /// <summary>All volumes; none for a project that has none.</summary>
    public async Task<IReadOnlyList<VolumeResource>> VolumesAsync() => _volumes is null ? [] : (await _volumes.ReadAsync().ConfigureAwait(false)).Volumes;

    /// <inheritdoc/>
    public void Dispose()
    {
        _containers?.Dispose();
        _networks?.Dispose();
        _volumes?.Dispose();
    }
}
