namespace Gantry.BuildKit.Grpc;

/// <summary>The status codes of gRPC that are used here.</summary>
internal enum GrpcCode
{
    Ok = 0,
    Canceled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// <summary>A call of gRPC failed, here or at the other side.</summary>
/// <param name="code">The kind of failure.</param>
/// <param name="message">What failed.</param>
/// <param name="details">A <c>google.rpc.Status</c> that says more; empty: none.</param>
/// <param name="cause">What caused it.</param>
internal sealed class GrpcException(GrpcCode code, string message, ReadOnlyMemory<byte> details = default, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The kind of failure.</summary>
    public GrpcCode Code => code;

    /// <summary>A <c>google.rpc.Status</c> that says more; empty: none.</summary>
    public ReadOnlyMemory<byte> Details => details;
}
