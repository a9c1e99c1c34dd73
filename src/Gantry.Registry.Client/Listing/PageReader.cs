using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Listing;

/// <summary>Reads lists that come in pages, each naming the next in its Link header (RFC 8288).</summary>
internal static class PageReader
{
    private const int LongestPage = 16 << 20;
    private const int MostPages = 10_000;

    /// <summary>Reads all pages.</summary>
    /// <param name="session">Whom to ask.</param>
    /// <param name="request">The first page.</param>
    /// <param name="type">How a page is read.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="take">Takes a page with its answer; false to stop.</param>
    /// <param name="patient">Whether to wait and try again.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="RegistryException">A page is refused, too large, not understood, or the pages do not end.</exception>
    internal static async Task ReadAsync<T>(
        EndpointSession session, RegistryRequest request, JsonTypeInfo<T> type, RegistrySubject subject,
        Func<T, RegistryResponse, bool> take, bool patient,
        CancellationToken cancellation) where T : class
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            using var response = await session.RequireAsync(request, subject, patient, cancellation);
            if (!take(await ParseAsync(response, type, subject, cancellation), response) || Next(response) is not { } next)
                return;
            if (!seen.Add(next) || seen.Count > MostPages)
                throw RegistryException.Broken(subject, "the pages of the list do not end");
            request = request with { Path = next };
        }
    }

    internal static async Task<T> ParseAsync<T>(RegistryResponse response, JsonTypeInfo<T> type, RegistrySubject subject,
        CancellationToken cancellation) where T : class
    {
        try
        {
            var body = await response.ReadBodyAsync(LongestPage, cancellation)
                ?? throw RegistryException.Broken(subject, $"{response.Address.Host} sent a list of more than {LongestPage} bytes");
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("the document is null");
        }
        catch (Exception error) when (error is JsonException or IOException or HttpRequestException)
        {
            throw RegistryException.Broken(subject, $"the list that {response.Address.Host} sent is not understood: {error.Message}",
                error);
        }
    }

    /// <summary>The target of <c>Link: &lt;...&gt;; rel="next"</c>.</summary>
    private static string? Next(RegistryResponse response)
    {
        if (response.Header("Link") is not { } link || !link.Contains("next", StringComparison.Ordinal))
            return null;
        var (start, end) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
        return start >= 0 && end > start && Uri.TryCreate(response.Address, link[(start + 1)..end], out var uri) ? uri.AbsoluteUri : null;
    }
}
