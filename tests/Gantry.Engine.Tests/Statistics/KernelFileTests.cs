using Gantry.Engine.Statistics;

namespace Gantry.Engine.Tests.Statistics;

public class KernelFileTests
{
    [Fact]
    public void Processors_and_their_time()
    {
        var processors = HostProcessors.Parse("cpu  10 1 5 100 2 0 3 7 0 0\ncpu0 5 0 2 50 1 0 1 3 0 0\ncpu1 5 1 3 50 1 0 2 4 0 0\nintr 1\n");
        Assert.Equal((1_210_000_000ul, 2u), (processors.Spent, processors.Online)); // As docker: without stolen time.
    }

    [Fact]
    public void Counters_of_interfaces()
    {
        var counters = InterfaceCounters.Parse(
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
              eth0:736          8    1    2    0     0          0         0      126       3    4    5    0     0       0          0
            """);
        var eth0 = Assert.Single(counters).Value;
        Assert.Equal((736ul, 8ul, 1ul, 2ul), (eth0.ReceivedBytes, eth0.ReceivedPackets, eth0.ReceiveErrors, eth0.ReceiveDropped));
        Assert.Equal((126ul, 3ul, 4ul, 5ul), (eth0.SentBytes, eth0.SentPackets, eth0.SendErrors, eth0.SendDropped));
    }
}
