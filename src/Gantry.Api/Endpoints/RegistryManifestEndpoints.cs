using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Endpoints;

/// <summary>
/// Gantry's own operations on manifests in registries: docker's client talks to registries itself for its <c>manifest</c> commands, Gantry's
/// leaves that to the engine.
/// </summary>
internal sealed class RegistryManifestEndpoints(RegistryManifests manifests)
{
    private const string Manifest = "/gantry/registry/manifest";

    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", Manifest, FetchAsync)
        .Add("PUT", Manifest, PutAsync)
        .Add("POST", Manifest + "/copy", CopyAsync);

    private async Task FetchAsync(ApiCall call)
    {
        var manifest = await manifests.FetchAsync(Reference(call, "reference").WithDefaultTag(), Access(call), call.Aborted);
        var answer = new ManifestDocument { Descriptor = manifest.Descriptor, Raw = manifest.Bytes.ToArray() };
        await call.AnswerAsync(answer, ApiJson.Wire.ManifestDocument);
    }

    private async Task PutAsync(ApiCall call)
    {
        var document = await call.ReadJsonAsync(ApiJson.Wire.ManifestDocument);
        var put = await manifests.PutAsync(Reference(call, "reference"), document.Descriptor.MediaType, document.Raw, Access(call), call.Aborted);
        await call.AnswerAsync(put, ApiJson.Wire.Descriptor);
    }

    private async Task CopyAsync(ApiCall call)
    {
        var copied = await manifests.CopyAsync(Reference(call, "from"), Reference(call, "to"), Access(call), call.Aborted);
        await call.AnswerAsync(copied, ApiJson.Wire.Descriptor);
    }

    private static ImageReference Reference(ApiCall call, string parameter) => call.Query(parameter) is { Length: > 0 } text
        ? ImageReference.Parse(text)
        : throw GantryException.Invalid($"the parameter \"{parameter}\" is missing");

    private static RegistryAccess Access(ApiCall call) => new(RegistryAuthHeader.Read(call), call.Flag("insecure"));
}
