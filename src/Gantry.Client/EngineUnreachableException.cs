using Gantry.Client.Connections;

namespace Gantry.Client;

/// <summary>Nobody answers at the daemon's address, or the address may not be used.</summary>
/// <param name="address">Where the connection was tried.</param>
/// <param name="cause">What connecting ended with.</param>
/// <param name="permissionDenied">The socket exists, but this user may not open it.</param>
public sealed class EngineUnreachableException(EngineAddress address, Exception cause, bool permissionDenied)
    : IOException($"connect to {address}: {cause.Message}", cause)
{
    /// <summary>Where the connection was tried.</summary>
    public EngineAddress Address { get; } = address;

    /// <summary>The socket exists, but this user may not open it.</summary>
    public bool PermissionDenied { get; } = permissionDenied;
}
