using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Check;

namespace Gantry.Api.Endpoints;

/// <summary>Gantry's own operations below `/gantry`: the check of its folders.</summary>
internal sealed class SystemCheckEndpoints(SystemChecker checker)
{
    public RouteTable Add(RouteTable routes) => routes.Add("POST", "/gantry/system/check", CheckAsync);

    private async Task CheckAsync(ApiCall call)
    {
        var result = await checker.RunAsync(call.Flag("repair"), call.Aborted);
        var answer = new SystemCheckResponse
        {
            Blobs = result.Blobs,
            Bytes = result.Bytes,
            Containers = result.Containers,
            Findings = [.. result.Findings.Select(ToFinding)],
        };
        await call.AnswerAsync(answer, ApiJson.Wire.SystemCheckResponse);
    }

    private static SystemCheckFinding ToFinding(CheckedFinding one) => new()
    {
        Kind = one.Finding.Kind,
        Subject = one.Finding.Subject,
        Problem = one.Finding.Problem,
        Remedy = one.Finding.Remedy,
        Repairable = one.Finding.Repair is not null,
        Repaired = one.Repaired,
    };
}
