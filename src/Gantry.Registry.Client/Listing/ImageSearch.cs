using System.Text.Json.Serialization;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Listing;

/// <summary>A repository that a search found.</summary>
public sealed record SearchResult
{
    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>What its owner says about it.</summary>
    [JsonPropertyName("description")]
    public string Description { get; set => field = value ?? ""; } = "";

    /// <summary>How many users like it.</summary>
    [JsonPropertyName("star_count")]
    public int StarCount { get; set; }

    /// <summary>Whether the registry's operators look after it.</summary>
    [JsonPropertyName("is_official")]
    public bool IsOfficial { get; set; }

    /// <summary>Whether the registry built it.</summary>
    [JsonPropertyName("is_automated")]
    public bool IsAutomated { get; set; }
}

/// <summary>The answer to a search.</summary>
internal sealed record SearchDocument
{
    [JsonPropertyName("results")]
    public List<SearchResult>? Results { get; set; }
}

/// <summary>Searches a registry by its API of version 1, the only one that has a search.</summary>
internal static class ImageSearch
{
    private const string DockerIndex = "https://index.docker.io/v1/";

    /// <summary>Where searches of this registry go.</summary>
    internal static RegistryEndpoint At(RegistryEndpoint endpoint, string registry) => endpoint with
    {
        Base = registry == ImageReference.DefaultDomain ? new Uri(DockerIndex) : new Uri(endpoint.Base, "/v1/"),
    };

    internal static Task<IReadOnlyList<SearchResult>> SearchAsync(
        EndpointRouter router, RegistrySubject registry, string term, int limit, CancellationToken cancellation) =>
        router.AskAsync(EndpointCapabilities.Resolve, registry, async (session, patient) =>
        {
            var request = new RegistryRequest(HttpMethod.Get,
                $"search?q={Uri.EscapeDataString(term)}&n={limit}") { Action = RegistryAction.List };
            using var response = await session.RequireAsync(request, registry, patient, cancellation);
            var document = await PageReader.ParseAsync(response, RegistryJson.Default.SearchDocument, registry, cancellation);
            return (IReadOnlyList<SearchResult>)(document.Results ?? []);
        });
}
