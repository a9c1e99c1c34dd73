using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Requests;

/// <summary>Platforms in the query: as JSON since 1.48, as <c>os/architecture/variant</c> before.</summary>
internal static class PlatformQuery
{
    /// <summary>The one platform of a parameter, or null.</summary>
    /// <exception cref="GantryException">It is malformed, or there are several (400).</exception>
    public static Platform? One(ApiCall call, string name) => All(call, name) switch
    {
        [] => null,
        [var only] => only,
        _ => throw GantryException.Invalid($"multiple {name} parameters are not supported"),
    };

    /// <summary>All platforms of a parameter.</summary>
    /// <exception cref="GantryException">One is malformed (400).</exception>
    public static IReadOnlyList<Platform> All(ApiCall call, string name) => [.. call.QueryAll(name).Select(Parse)];

    private static Platform Parse(string text)
    {
        if (!text.StartsWith('{')) return Platform.Parse(text);
        try
        {
            var platform = JsonSerializer.Deserialize(text, OciImageJson.Default.Platform);
            if (platform is { Os.Length: > 0, Architecture.Length: > 0 }) return platform.Normalize();
        }
        catch (JsonException exception)
        {
            throw GantryException.Invalid($"failed to parse platform: {exception.Message}", exception);
        }
        throw GantryException.Invalid("both OS and Architecture must be provided");
    }
}
