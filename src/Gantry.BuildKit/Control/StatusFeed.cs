using System.Threading.Channels;
using Gantry.Build.Progress;

namespace Gantry.BuildKit.Control;

/// <summary>The progress of a build, for whoever follows it from whatever moment on. Safe for use by several threads.</summary>
internal sealed class StatusFeed
{
    private readonly List<BuildStatus> _all = [];
    private readonly List<Channel<BuildStatus>> _followers = [];
    private readonly Lock _gate = new();
    private bool _complete;

    /// <summary>Tells a step of it.</summary>
    public void Tell(BuildStatus status)
    {
        lock (_gate)
        {
            _all.Add(status);
            foreach (var follower in _followers)
                follower.Writer.TryWrite(status);
        }
    }

    /// <summary>That was all.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            foreach (var follower in _followers)
                follower.Writer.TryComplete();
        }
    }

    /// <summary>All that was and will be told.</summary>
    public ChannelReader<BuildStatus> Follow()
    {
        var follower = Channel.CreateUnbounded<BuildStatus>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            foreach (var status in _all)
                follower.Writer.TryWrite(status);
            if (_complete)
                follower.Writer.TryComplete();
            else
                _followers.Add(follower);
        }
        return follower.Reader;
    }
}
