using Gantry.Dns.Forwarding;
using Gantry.Dns.Zones;
using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>The resolver of one container: its two sockets, and what it sees.</summary>
internal sealed class ContainerResolver : IPollHandler, IDisposable
{
    private readonly NameService _service;
    private readonly EventLoop _loop;
    private readonly EventLoop.Watch _datagrams;
    private readonly StreamListener _streams;
    private bool _disposed;

    public ContainerResolver(EventLoop loop, NameService service, ServedContainer container, ResolverSockets sockets)
    {
        (_loop, _service, Container, Sockets) = (loop, service, container, sockets);
        _datagrams = loop.Add(sockets.Datagrams, PollEvents.Readable, this);
        _streams = new StreamListener(loop, service, this);
    }

    /// <summary>What it was told of the container.</summary>
    public ServedContainer Container { get; private set; }

    /// <summary>Its sockets; closed with this object.</summary>
    public ResolverSockets Sockets { get; }

    /// <summary>The names that it sees.</summary>
    public NameView? View { get; private set; }

    /// <summary>The servers that are asked for other names.</summary>
    public UpstreamGroup? Upstreams { get; private set; }

    /// <summary>How many of its questions servers outside have not answered yet.</summary>
    public int Pending { get; set; }

    /// <summary>Says what it sees.</summary>
    public void Show(ServedContainer container, NameView view, UpstreamGroup upstreams) => (Container, View, Upstreams) = (container, view, upstreams);

    /// <summary>Answers datagrams, some dozens at a time; then it is the turn of other containers.</summary>
    public void OnReady(PollEvents events)
    {
        const int rounds = 4;
        var batch = _service.Batch;
        for (var round = 0; round < rounds; round++)
        {
            var count = batch.Receive(Sockets.Datagrams);
            for (var i = 0; i < count; i++)
            {
                var message = batch.Received(i);
                var length = _service.Answer(this, message, batch.Answer(i), isStream: false);
                if (length > 0)
                    batch.SetAnswer(i, length);
                else if (length < 0)
                    Forward(message.ToArray(), batch.Sender(i));
            }
            batch.SendAnswers(Sockets.Datagrams);
            if (count < DatagramBatch.Capacity)
                return;
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _datagrams.Dispose();
        _streams.Dispose();
        Sockets.Dispose();
    }

    private void Forward(byte[] message, InternetAddress sender) => _service.Forward(this, message, isStream: false, answer =>
    {
        // What cannot be sent is lost, as datagrams may be: the client asks again.
        if (!_disposed)
            _ = InternetSocket.SendTo(Sockets.Datagrams, answer, sender);
    });
}
