using System.Text.Json.Serialization;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Listing;

/// <summary>A page of a repository's tags.</summary>
internal sealed record TagDocument
{
    [JsonPropertyName("tags")]
    public List<string>? Tags { get; set; }
}

/// <summary>A page of a registry's repositories.</summary>
internal sealed record CatalogDocument
{
    [JsonPropertyName("repositories")]
    public List<string>? Repositories { get; set; }
}

/// <summary>Lists tags of a repository and repositories of a registry.</summary>
internal static class NameLister
{
    private const int PageSize = 1000;

    internal static Task<IReadOnlyList<string>> TagsAsync(EndpointRouter router, RegistrySubject repository,
        CancellationToken cancellation) =>
        router.AskAsync(EndpointCapabilities.Resolve, repository, async (session, patient) =>
        {
            var names = new List<string>();
            var request = new RegistryRequest(HttpMethod.Get, $"{repository.Repository}/tags/list?n={PageSize}")
            {
                Action = RegistryAction.List,
                Scopes = [TokenScopes.Pull(repository.Repository!)],
            };
            await PageReader.ReadAsync(session, request, RegistryJson.Default.TagDocument, repository, (page, _) =>
                Take(page.Tags), patient, cancellation);
            return (IReadOnlyList<string>)names;

            bool Take(List<string>? page)
            {
                names.AddRange(page ?? []);
                return page is { Count: > 0 };
            }
        });

    internal static Task<IReadOnlyList<string>> RepositoriesAsync(EndpointRouter router, RegistrySubject registry,
        CancellationToken cancellation) =>
        router.AskAsync(EndpointCapabilities.Resolve, registry, async (session, patient) =>
        {
            var names = new List<string>();
            var request = new RegistryRequest(HttpMethod.Get, $"_catalog?n={PageSize}") { Action = RegistryAction.List,
                Scopes = [TokenScopes.Catalog] };
            await PageReader.ReadAsync(session, request, RegistryJson.Default.CatalogDocument, registry, (page, _) =>
                Take(page.Repositories), patient, cancellation);
            return (IReadOnlyList<string>)names;

            bool Take(List<string>? page)
            {
                names.AddRange(page ?? []);
                return page is { Count: > 0 };
            }
        });
}
