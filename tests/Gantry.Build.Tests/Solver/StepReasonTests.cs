using Gantry.Build.Cache;
using Gantry.Build.Graph;
using Gantry.Build.Solver;
using Gantry.Oci.Images;

namespace Gantry.Build.Tests.Solver;

public sealed class StepReasonTests
{
    [Fact]
    public void A_step_that_was_never_run_has_nothing_to_compare_with() => Assert.Equal("no step like it was run before", StepReason.Of(Parts("a"), null));

    [Fact]
    public void Equal_parts_mean_that_the_result_is_gone() => Assert.Equal("its result was removed from the cache", StepReason.Of(Parts("a"), Parts("a")));

    [Fact]
    public void Parts_are_compared_by_name()
    {
        KeyPart[] before = [.. Parts("a", "X=1", "GONE=1"), new("the files of", "1", "[1/3] FROM a")];
        KeyPart[] now = [new("the files of", "2", "[2/3] RUN b"), .. Parts("a", "NEW=1", "X=2")];
        Assert.Equal(
            "changed: the files of [2/3] RUN b; the variable NEW (new); the variable X; the variable GONE (gone)", StepReason.Of(now, before));
    }

    [Fact]
    public void The_parts_of_a_command_say_nothing_confidential()
    {
        Assert.DoesNotContain(Parts("login --password hidden", "TOKEN=hidden"), part =>
            part.Value.Contains("hidden", StringComparison.Ordinal) || part.What.Contains("hidden", StringComparison.Ordinal));
        Assert.NotEqual(Parts("a", "TOKEN=one").Single(part => part.What == "the variable TOKEN"),
            Parts("a", "TOKEN=two").Single(part => part.What == "the variable TOKEN"));
    }

    private static List<KeyPart> Parts(string command, params string[] environment) =>
        [.. OperationParts.Of(new ExecOperation { Arguments = [command], Environment = environment, Platform = Platform.Host })];
}
