using Gantry.Build.Cache;

namespace Gantry.Build.Tests.Cache;

public class CachePolicyTests
{
    /// <summary>What a Docker 28.5.2 tells of its own rules, on a disk of this size.</summary>
    private const long DiskSize = 270_553_174_016;

    [Fact]
    public void The_usual_rules_are_docker_s()
    {
        var policies = new CacheCollection().PoliciesFor(DiskSize);
        Assert.Equal(["type==source.local", "type==exec.cachemount", "type==source.git.checkout"], policies[0].Filter.Texts);
        Assert.Equal((TimeSpan.FromHours(48), false), (policies[0].KeepDuration, policies[0].All));
        Assert.Equal("3.346 GiB", Gibibytes(policies[0].Bounds.MostUsed));
        Assert.Equal(["60.00:00:00 False", "00:00:00 False", "00:00:00 True"], policies.Skip(1).Select(policy => $"{policy.KeepDuration} {policy.All}"));
        Assert.All(policies.Skip(1), policy => Assert.Equal(
            ("24.214 GiB", "188.127 GiB", "47.497 GiB"),
            (Gibibytes(policy.Bounds.Reserved), Gibibytes(policy.Bounds.MostUsed), Gibibytes(policy.Bounds.LeastFree))));
    }

    [Fact]
    public void Bounds_that_are_said_take_the_place_of_those_that_follow_the_disk()
    {
        var policies = new CacheCollection { Bounds = new CacheBounds(3000, 2000, 1000) }.PoliciesFor(DiskSize);
        Assert.Equal(512_000_000, policies[0].Bounds.MostUsed);
        Assert.Equal(new CacheBounds(3000, 2000, 1000), policies[3].Bounds);
    }

    [Fact]
    public void Without_collection_there_are_no_rules_and_with_other_ones_no_usual_ones()
    {
        var policy = new CachePolicy { All = true, KeepDuration = TimeSpan.FromHours(1), Bounds = new CacheBounds(1, 0, 0) };
        Assert.Empty(new CacheCollection { IsEnabled = false, Policies = [policy] }.PoliciesFor(DiskSize));
        Assert.Equal([policy], new CacheCollection { Policies = [policy] }.PoliciesFor(DiskSize));
        Assert.Equal(DateTimeOffset.UnixEpoch, policy.At(DateTimeOffset.UnixEpoch.AddHours(1)).UnusedSince);
        Assert.Null((policy with { KeepDuration = default }).At(DateTimeOffset.UnixEpoch).UnusedSince);
    }

    private static string Gibibytes(long bytes) => FormattableString.Invariant($"{bytes / (double)(1L << 30):0.000} GiB");
}
