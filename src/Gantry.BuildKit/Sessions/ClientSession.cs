using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.Registry.Client.Auth;

namespace Gantry.BuildKit.Sessions;

/// <summary>What a client lends to its builds: it answers calls for files, secrets, agents and credentials, and takes outputs.</summary>
/// <param name="head">What it said of itself.</param>
/// <param name="channel">The connection to it; owned.</param>
internal sealed class ClientSession(SessionHead head, GrpcChannel channel) : IDisposable
{
    public SessionHead Head => head;

    public GrpcChannel Channel => channel;

    /// <summary>Asks whether it is there; this also opens the connection.</summary>
    public Task CheckAsync(CancellationToken cancellation) => channel.CallAsync("/grpc.health.v1.Health/Check", EmptyMessage.Instance, cancellation);

    /// <summary>A secret; null: the client does not have it.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindSecretAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return BytesMessage.DataOf(await channel.CallAsync("/moby.buildkit.secrets.v1.Secrets/GetSecret", new TextMessage(id), cancellation));
        }
        catch (GrpcException error) when (error.Code is GrpcCode.NotFound or GrpcCode.Unimplemented)
        {
            return null;
        }
    }

    /// <summary>Whether the client forwards an SSH agent of that name.</summary>
    public async Task<bool> HasAgentAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await channel.CallAsync("/moby.sshforward.v1.SSH/CheckAgent", new TextMessage(id), cancellation);
            return true;
        }
        catch (GrpcException error) when (error.Code is not (GrpcCode.Unavailable or GrpcCode.Canceled))
        {
            return false;
        }
    }

    /// <summary>The client's credentials for a registry; null: none.</summary>
    public async Task<RegistryCredentials?> FindCredentialsAsync(string domain, CancellationToken cancellation)
    {
        // Docker Hub has its API at another name than its images.
        var host = domain == "docker.io" ? "registry-1.docker.io" : domain;
        try
        {
            var answer = await channel.CallAsync("/moby.filesync.v1.Auth/Credentials", new TextMessage(host), cancellation);
            return CredentialsMessage.Parse(answer.Span);
        }
        catch (GrpcException error) when (error.Code is not (GrpcCode.Unavailable or GrpcCode.Canceled))
        {
            return null;
        }
    }

    public void Dispose() => channel.Dispose();
}
