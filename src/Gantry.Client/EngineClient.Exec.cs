using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Prepares a further process in a running container.</summary>
    public Task<ExecCreateResponse> CreateExecAsync(string container, ExecCreateRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", $"{Container(container)}/exec") { Body = RequestJson.Write(request) },
            ResponseJson.ExecCreate, cancellation);

    /// <summary>Starts a prepared process and attaches to it.</summary>
    public Task<HijackedStream> StartExecAsync(string id, ExecStartRequest request, CancellationToken cancellation = default) =>
        HijackAsync(StartRequest(id, request), cancellation);

    /// <summary>Starts a prepared process and leaves it alone.</summary>
    public Task StartDetachedExecAsync(string id, ExecStartRequest request, CancellationToken cancellation = default) =>
        CallAsync(StartRequest(id, request with { Detach = true }), cancellation);

    /// <summary>State and exit code of a further process.</summary>
    public Task<ExecInspectResponse> InspectExecAsync(string id, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", $"/exec/{Query.Escape(id)}/json"), ApiJson.Wire.ExecInspectResponse, cancellation);

    /// <summary>Sets the size of a further process's terminal.</summary>
    public Task ResizeExecAsync(string id, int rows, int columns, CancellationToken cancellation = default) =>
        PostAsync(new Query($"/exec/{Query.Escape(id)}/resize").Add("h", rows).Add("w", columns).ToString(), cancellation);

    private static HttpRequest StartRequest(string id, ExecStartRequest request) =>
        new("POST", $"/exec/{Query.Escape(id)}/start") { Body = RequestJson.Write(request) };
}
