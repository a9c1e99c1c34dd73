using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Pull;

/// <summary>Fetches what lies at an address of a web server, which need not be a registry: the archive of an import.</summary>
internal static class UrlFetcher
{
    /// <exception cref="RegistryException">The server has it not, or cannot be asked.</exception>
    internal static async Task<Stream> OpenAsync(EndpointSession session, Uri address, CancellationToken cancellation)
    {
        var subject = new RegistrySubject(address.Authority);
        var request = new RegistryRequest(HttpMethod.Get, address.AbsoluteUri) { Action = RegistryAction.List };
        var response = await session.RequireAsync(request, subject, patient: true, cancellation);
        try
        {
            return new FetchedStream(response, await response.OpenBodyAsync(cancellation), subject);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private sealed class FetchedStream(RegistryResponse response, Stream body, RegistrySubject subject) : ReadOnlyBody
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await body.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                throw RegistryException.BrokenOff(subject, $"the connection to {subject.Registry} broke off: {error.Message}", error);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                response.Dispose();
            base.Dispose(disposing);
        }
    }
}
