using Gantry.Build.Solver;

namespace Gantry.BuildKit.Sessions;

/// <summary>What a client lends to the steps of a build.</summary>
internal sealed class SessionCredentials(ClientSession session, AgentSockets agents) : IBuildCredentials
{
    public async ValueTask<ReadOnlyMemory<byte>?> FindSecretAsync(string id, CancellationToken cancellation) => await session.FindSecretAsync(id, cancellation);

    public async ValueTask<string?> FindAgentAsync(string id, CancellationToken cancellation) => await agents.FindAsync(id, cancellation);
}
