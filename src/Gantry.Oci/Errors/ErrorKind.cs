namespace Gantry.Oci;

/// <summary>
/// What sort of failure a <see cref="GantryException"/> reports. It becomes an HTTP status or an exit code once, at the edge
/// (the API or the command line), and nothing in between branches on message texts.
/// </summary>
public enum ErrorKind
{
    /// <summary>Something failed that the caller could not have known or prevented (HTTP 500).</summary>
    System,

    /// <summary>The request itself is wrong (HTTP 400).</summary>
    InvalidArgument,

    /// <summary>The named object does not exist (HTTP 404).</summary>
    NotFound,

    /// <summary>The object is in a state that does not allow the request (HTTP 409).</summary>
    Conflict,

    /// <summary>The object is already in the state asked for (HTTP 304).</summary>
    NotModified,

    /// <summary>The caller may not do this (HTTP 403).</summary>
    Forbidden,

    /// <summary>The caller did not say, or could not prove, who it is (HTTP 401).</summary>
    Unauthorized,

    /// <summary>Gantry does not do this (HTTP 501).</summary>
    NotImplemented,

    /// <summary>Something this depends on is not there now (HTTP 503).</summary>
    Unavailable,
}
