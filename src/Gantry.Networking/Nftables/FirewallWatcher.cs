using System.Diagnostics;
using Gantry.Os.Netlink.Nftables;
using Gantry.Os.Polling;

namespace Gantry.Networking.Nftables;

/// <summary>
/// A thread that listens to others' changes of nf_tables and calls for repair. What this engine changes itself is told by the number of its
/// socket. Repairs are at least <see cref="Pause"/> apart, however much happens.
/// </summary>
internal sealed class FirewallWatcher : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly NftMonitor _monitor = new();
    private readonly EventFd _stop = new();
    private readonly Epoll _poll = new();
    private readonly Func<NftChange, Damage> _judge;
    private readonly Action<Damage> _repair;
    private readonly Thread _thread;

    /// <summary>Begins to listen in the network namespace of the calling thread.</summary>
    /// <param name="judge">What a change may have damaged.</param>
    /// <param name="repair">Repairs it. A failure is tried again after a pause: the kernel may be short of memory, or another's change in between.</param>
    internal FirewallWatcher(Func<NftChange, Damage> judge, Action<Damage> repair)
    {
        (_judge, _repair) = (judge, repair);
        _poll.Add(_monitor.Descriptor, PollEvents.Readable, 0);
        _poll.Add(_stop.Descriptor, PollEvents.Readable, 1);
        const int stackSize = 256 << 10;
        _thread = new Thread(Watch, stackSize) { IsBackground = true, Name = "firewall watcher" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        _poll.Dispose();
        _stop.Dispose();
        _monitor.Dispose();
    }

    private void Watch()
    {
        Span<PollResult> results = stackalloc PollResult[2];
        var damage = Damage.None;
        var last = Stopwatch.StartNew();
        var isFirst = true;
        while (true)
        {
            var rest = isFirst ? TimeSpan.Zero : Pause - last.Elapsed;
            var count = _poll.Wait(results, damage == Damage.None ? -1 : Math.Max(0, (int)rest.TotalMilliseconds));
            foreach (var result in results[..count])
            {
                if (result.Token == 1)
                    return;
                if (!_monitor.Read(change => damage |= _judge(change)))
                    damage |= Damage.Table | Damage.Exception;
            }
            if (damage == Damage.None || (!isFirst && last.Elapsed < Pause))
                continue;
            damage = TryRepair(damage);
            last.Restart();
            isFirst = false;
        }
    }

    private Damage TryRepair(Damage damage)
    {
        try
        {
            _repair(damage);
            return Damage.None;
        }
        catch (IOException)
        {
            return damage;
        }
    }
}

/// <summary>What of ours others may have damaged.</summary>
[Flags]
internal enum Damage
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Our table.</summary>
    Table = 1,

    /// <summary>Our rule in another's table.</summary>
    Exception = 2,
}
