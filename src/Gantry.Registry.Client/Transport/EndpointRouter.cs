using Gantry.Oci;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Registry.Client.Transport;

/// <summary>Asks the endpoints of a registry one after another until one succeeds.</summary>
/// <param name="sessions">The endpoints, in order.</param>
/// <param name="open">Begins to talk to the server of an address that is none of them, as nobody.</param>
internal sealed class EndpointRouter(IReadOnlyList<EndpointSession> sessions, Func<Uri, CancellationToken, Task<EndpointSession>> open)
{
    /// <summary>Something done at one endpoint.</summary>
    /// <param name="session">The endpoint.</param>
    /// <param name="patient">Whether it is the last one, where waiting is better than failing.</param>
    internal delegate Task<T> Step<T>(EndpointSession session, bool patient);

    /// <exception cref="RegistryException">The last endpoint's failure, which knows those before it.</exception>
    internal async Task<T> AskAsync<T>(EndpointCapabilities needed, RegistrySubject subject, Step<T> step)
    {
        var candidates = Candidates(needed);
        if (candidates.Count == 0)
            throw new RegistryException(ErrorKind.InvalidArgument, subject,
                $"{subject}: no endpoint of {subject.Registry} may be used to {needed.ToString().ToLowerInvariant()}; see its hosts.toml");
        var earlier = new List<RegistryException>();
        for (var i = 0; ; i++)
        {
            var session = candidates[i];
            var rest = candidates.Skip(i + 1).Where(next => !IsSameInPlain(session, next)).ToList();
            try
            {
                return await step(session, patient: rest.Count == 0);
            }
            catch (RegistryException error)
            {
                if (session.HasAnswered)
                    candidates = [.. candidates.Take(i + 1), .. rest];
                if (i == candidates.Count - 1)
                    throw error.WithEarlier(earlier);
                earlier.Add(error);
            }
        }
    }

    /// <summary>Whether a session is with one of the endpoints.</summary>
    internal bool Has(EndpointSession session) => sessions.Contains(session);

    /// <summary>Whether an endpoint is left that has content and has not disappointed.</summary>
    internal bool HasAlternative => sessions.Any(next => next.Endpoint.Capabilities.HasFlag(EndpointCapabilities.Pull) && !next.IsUnusable
        && !sessions.Any(session => session.HasAnswered && IsSameInPlain(session, next)));

    /// <summary>A session with a host that a manifest names; nothing that belongs to the registry goes there.</summary>
    internal Task<EndpointSession> ElsewhereAsync(Uri address, CancellationToken cancellation) => open(address, cancellation);

    /// <summary>Those that may be asked, in order; those that could not be reached before only after the others.</summary>
    private List<EndpointSession> Candidates(EndpointCapabilities needed)
    {
        var able = sessions.Where(session => session.Endpoint.Capabilities.HasFlag(needed)).ToList();
        var usable = able.FindAll(session => !session.IsUnusable);
        return usable.Count > 0 ? usable : able;
    }

    /// <summary>
    /// A server that answered in TLS is not asked in plain HTTP as well: its answer would be lost behind a failed connection.
    /// </summary>
    private static bool IsSameInPlain(EndpointSession session, EndpointSession next) =>
        (session.Endpoint.Base, next.Endpoint.Base) is ({ Scheme: "https" } secured, { Scheme: "http" } plain)
        && secured.IdnHost == plain.IdnHost && secured.AbsolutePath == plain.AbsolutePath;
}
