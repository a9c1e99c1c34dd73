using System.Diagnostics;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>Waiting for what another process brings about. The limit is for what never comes, not a bound on speed.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static void True(Func<bool> condition, Func<string> complaint)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < s_patience, complaint());
            Thread.Sleep(20);
        }
    }

    public static void Equal<T>(T expected, Func<T> actual) where T : notnull =>
        True(() => expected.Equals(actual()), () => $"expected \"{expected}\", still \"{actual()}\"");
}
