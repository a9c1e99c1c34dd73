using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Gantry;

/// <summary>Hands SIGHUP, which comes on a thread of its own, to the daemon's flow; several at once are one.</summary>
internal sealed class ReloadRequests
{
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes the signal.</summary>
    public void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        _requests.Writer.TryWrite(true);
    }

    /// <summary>Waits for the next one; false when the daemon is to stop.</summary>
    public async Task<bool> NextAsync(CancellationToken stopping)
    {
        try
        {
            return await _requests.Reader.ReadAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
