using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Mounts;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Gantry's own operations on volumes below `/gantry`: archives of them, and copies.</summary>
internal sealed class VolumeArchiveEndpoints(VolumeArchiver archiver)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/gantry/volumes/{name}/archive", ExportAsync)
        .Add("PUT", "/gantry/volumes/{name}/archive", ImportAsync)
        .Add("POST", "/gantry/volumes/{name}/clone", CloneAsync);

    private static Task AnswerAsync(ApiCall call, Volumes.Volume volume) =>
        call.AnswerAsync(StatusCodes.Status201Created, VolumeMapping.ToResource(volume), ApiJson.Wire.VolumeResource);

    private Task ExportAsync(ApiCall call) => archiver.ExportAsync(
        call.Path("name"),
        () =>
        {
            call.Http.Response.ContentType = "application/x-tar";
            return call.Http.Response.Body;
        },
        call.Aborted);

    private async Task ImportAsync(ApiCall call)
    {
        await using var archive = call.OpenArchive();
        await AnswerAsync(call, await archiver.ImportAsync(call.Path("name"), Labels(call), archive, call.Aborted));
    }

    private async Task CloneAsync(ApiCall call) => await AnswerAsync(call, await archiver.CloneAsync(call.Path("name"), call.Query("name"), Labels(call)));

    private static Dictionary<string, string>? Labels(ApiCall call)
    {
        var given = call.QueryAll("label");
        return given.Count == 0 ? null : given.Select(static label => label.Split('=', 2)).GroupBy(static pair => pair[0])
            .ToDictionary(static pairs => pairs.Key, static pairs => pairs.Last() is [_, var value] ? value : "");
    }
}
