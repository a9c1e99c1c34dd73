using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Creates a container.</summary>
    /// <param name="request">Its configuration.</param>
    /// <param name="name">Its name, or empty for one made up by the daemon.</param>
    /// <param name="platform"><c>os/architecture[/variant]</c> of the image, or empty.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ContainerCreateResponse> CreateContainerAsync(
        ContainerCreateRequest request, string? name, string? platform, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", new Query("/containers/create").Add("name", name).Add("platform", platform).ToString())
            {
                Body = CreateRequestJson.Write(request),
            },
            ResponseJson.ContainerCreate, cancellation);

    /// <summary>Starts a created or stopped container; a running one stays as it is.</summary>
    public Task StartContainerAsync(string id, CancellationToken cancellation = default) => PostAsync($"{Container(id)}/start", cancellation);

    /// <summary>Stops a container: signal, grace period, SIGKILL.</summary>
    /// <param name="id">ID or name.</param>
    /// <param name="signal">The first signal, or null for the container's own.</param>
    /// <param name="timeout">The grace period in seconds, -1 for no limit, or null for the container's own.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task StopContainerAsync(string id, string? signal, long? timeout, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Container(id)}/stop").Add("signal", signal).Add("t", timeout).ToString(), cancellation);

    /// <summary>Stops a container as <see cref="StopContainerAsync"/> does, and starts it.</summary>
    public Task RestartContainerAsync(string id, string? signal, long? timeout, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Container(id)}/restart").Add("signal", signal).Add("t", timeout).ToString(), cancellation);

    /// <summary>Sends a signal to a container's process.</summary>
    public Task KillContainerAsync(string id, string? signal, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Container(id)}/kill").Add("signal", signal).ToString(), cancellation);

    /// <summary>Freezes all processes of a container.</summary>
    public Task PauseContainerAsync(string id, CancellationToken cancellation = default) => PostAsync($"{Container(id)}/pause", cancellation);

    /// <summary>Lets the processes of a frozen container go on.</summary>
    public Task UnpauseContainerAsync(string id, CancellationToken cancellation = default) => PostAsync($"{Container(id)}/unpause", cancellation);

    /// <summary>Gives a container another name.</summary>
    public Task RenameContainerAsync(string id, string name, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Container(id)}/rename").Add("name", name).ToString(), cancellation);

    /// <summary>What a container changed in its root filesystem.</summary>
    public Task<IReadOnlyList<FilesystemChange>> ContainerChangesAsync(string id, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", $"{Container(id)}/changes"), ApiJson.Wire.IReadOnlyListFilesystemChange, cancellation);

    /// <summary>The root filesystem of a container as an archive.</summary>
    public async Task<HttpExchange> ExportContainerAsync(string id, CancellationToken cancellation = default) =>
        await SendAsync(new HttpRequest("GET", $"{Container(id)}/export"), cancellation).ConfigureAwait(false);

    /// <summary>Makes an image of what a container changed.</summary>
    public Task<IdResponse> CommitContainerAsync(string id, CommitOptions options, CancellationToken cancellation = default)
    {
        var query = new Query("/commit").Add("container", id).Add("repo", options.Repository).Add("tag", options.Tag)
            .Add("comment", options.Comment).Add("author", options.Author).Add("pause", options.Pause ? null : "0");
        foreach (var change in options.Changes)
            query.Add("changes", change);
        return CallAsync(new HttpRequest("POST", query.ToString()), ApiJson.Wire.IdResponse, cancellation);
    }

    /// <summary>Removes a container.</summary>
    /// <param name="id">ID or name.</param>
    /// <param name="volumes">Whether its anonymous volumes go with it.</param>
    /// <param name="link">Whether only the link of this name is removed.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task RemoveContainerAsync(string id, bool volumes, bool link, bool force, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("DELETE", new Query(Container(id)).Add("v", volumes).Add("link", link).Add("force", force).ToString()), cancellation);

    /// <summary>Changes limits and restart policy of a container.</summary>
    public Task<ContainerUpdateResponse> UpdateContainerAsync(string id, ContainerUpdateRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", $"{Container(id)}/update") { Body = RequestJson.Write(request) },
            ApiJson.Wire.ContainerUpdateResponse, cancellation);

    /// <summary>Begins to wait for the end of a container. When this returns, the daemon is waiting: an end right after is not missed.</summary>
    /// <param name="id">ID or name.</param>
    /// <param name="condition"><c>not-running</c>, <c>next-exit</c> or <c>removed</c>; null for the first.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ContainerWait> WaitContainerAsync(string id, string? condition, CancellationToken cancellation = default) =>
        new(await SendAsync(new HttpRequest("POST", new Query($"{Container(id)}/wait").Add("condition", condition).ToString()), cancellation)
            .ConfigureAwait(false));

    /// <summary>The processes of a container, as <c>ps</c> on the host lists them.</summary>
    public Task<ContainerTopResponse> TopContainerAsync(string id, string? psArguments, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("GET", new Query($"{Container(id)}/top").Add("ps_args", psArguments).ToString()),
            ApiJson.Wire.ContainerTopResponse, cancellation);

    /// <summary>Lists containers.</summary>
    /// <param name="all">Whether stopped ones are listed too.</param>
    /// <param name="limit">How many of the newest, or null for all.</param>
    /// <param name="size">Whether the daemon adds up file sizes, which takes it time.</param>
    /// <param name="filters">Which ones.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(
        bool all, long? limit, bool size, Filters? filters, CancellationToken cancellation = default)
    {
        using var list = await BeginListContainersAsync(all, limit, size, filters, cancellation).ConfigureAwait(false);
        return await list.ReadAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins to list containers; the parameters are those of <see cref="ListContainersAsync"/>.</summary>
    public ValueTask<PendingList<ContainerSummary>> BeginListContainersAsync(
        bool all, long? limit, bool size, Filters? filters, CancellationToken cancellation = default) =>
        BeginListAsync(
            new HttpRequest("GET", new Query("/containers/json").Add("all", all).Add("limit", limit).Add("size", size).Add(filters).ToString()),
            static () => ApiJson.Wire.ContainerSummary, cancellation);

    /// <summary>Everything about a container.</summary>
    public Task<ContainerInspectResponse> InspectContainerAsync(string id, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", $"{Container(id)}/json"), ApiJson.Wire.ContainerInspectResponse, cancellation);

    /// <summary>Everything about a container, as the daemon wrote it.</summary>
    public Task<byte[]> InspectContainerRawAsync(string id, bool size, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", new Query($"{Container(id)}/json").Add("size", size).ToString()), cancellation);

    /// <summary>The logs of a container: multiplexed frames, or raw bytes of one with a terminal.</summary>
    public async Task<HttpExchange> OpenLogsAsync(string id, LogOptions options, CancellationToken cancellation = default) =>
        await SendAsync(
            new HttpRequest("GET", new Query($"{Container(id)}/logs").Add("stdout", true).Add("stderr", true).Add("follow", options.Follow)
                .Add("since", options.Since).Add("until", options.Until).Add("timestamps", options.Timestamps).Add("details", options.Details)
                .Add("tail", options.Tail).ToString()),
            cancellation).ConfigureAwait(false);

    /// <summary>Attaches to a container: its output comes, and input goes, through the result.</summary>
    public Task<HijackedStream> AttachContainerAsync(string id, AttachOptions options, CancellationToken cancellation = default) =>
        HijackAsync(
            new HttpRequest("POST", new Query($"{Container(id)}/attach").Add("detachKeys", options.DetachKeys).Add("logs", options.Logs)
                .Add("stdin", options.Stdin).Add("stdout", options.Stdout).Add("stderr", options.Stderr).Add("stream", true).ToString()),
            cancellation);

    /// <summary>Sets the size of a container's terminal.</summary>
    public Task ResizeContainerAsync(string id, int rows, int columns, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Container(id)}/resize").Add("h", rows).Add("w", columns).ToString(), cancellation);

    /// <summary>Removes all stopped containers that match.</summary>
    public Task<ContainersPruneResponse> PruneContainersAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query("/containers/prune").Add(filters).ToString()), ApiJson.Wire.ContainersPruneResponse, cancellation);

    private static string Container(string id) => "/containers/" + Query.Name("container", id);

    private Task PostAsync(string target, CancellationToken cancellation) => CallAsync(new HttpRequest("POST", target), cancellation);
}
