using System.Globalization;

namespace Gantry.Runtime.Tests.Create;

/// <summary>
/// Containers are created by threads of a process whose other threads allocate and collect garbage all the while: a child that ran anything of
/// the runtime would hang, or end this process. <c>GANTRY_SOAK_CREATIONS</c> says how many; <c>make soak</c> asks for 10,000.
/// </summary>
public sealed class CollectedCreationTests
{
    private const int Creators = 4, Collectors = 2;

    private static readonly int s_creations = int.Parse(Environment.GetEnvironmentVariable("GANTRY_SOAK_CREATIONS") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public void None_hangs_or_harms_this_process()
    {
        using var done = new CancellationTokenSource();
        var collections = GC.CollectionCount(0);
        var collectors = Enumerable.Range(0, Collectors).Select(number => Start(() => Collect(number, done.Token))).ToList();
        try
        {
            var left = s_creations;
            Parallel.For(0, Creators, new ParallelOptions { MaxDegreeOfParallelism = Creators }, _ =>
            {
                using var container = new TestContainer();
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    var (output, code) = container.Run(container.Spec("echo", "created"));
                    Assert.Equal(("created\n", 0), (output, code));
                }
            });
        }
        finally
        {
            done.Cancel();
            collectors.ForEach(thread => thread.Join());
        }
        Assert.InRange(GC.CollectionCount(0) - collections, s_creations / 10, int.MaxValue); // Otherwise nothing was put to the test.
    }

    private static void Collect(int number, CancellationToken done)
    {
        var kept = new object[1000];
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            kept[i % kept.Length] = new byte[i % 50_000];
            // Short ones all the time, and now and then one that moves everything.
            if (i % 100 == 0) GC.Collect(i % 1000 == 0 ? 2 : number, GCCollectionMode.Forced, blocking: true, compacting: true);
        }
    }

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        return thread;
    }
}
