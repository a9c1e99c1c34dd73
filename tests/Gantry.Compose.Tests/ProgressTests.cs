using Gantry.Compose.Progress;

namespace Gantry.Compose.Tests;

public class ProgressTests
{
    [Theory]
    [InlineData(StepState.Working, 25, """{"id":"Pushing a: b","text":"Pushing","current":25,"total":100,"percent":25}""")]
    [InlineData(StepState.Done, 0, """{"id":"Pushing a: b","text":"Pushing","total":100,"percent":100}""")]
    public void Programs_are_told_what_share_of_a_layer_is_done(StepState state, long current, string line)
    {
        var output = new StringWriter();
        new PlainProgress(output, json: true, dryRun: false)
            .Report(new Step("Pushing a: b", state, "") { Word = "Pushing", IsLayer = true, Current = current, Total = 100 });
        Assert.Equal(line + "\n", output.ToString());
    }

    [Fact]
    public void Of_other_things_there_is_no_share()
    {
        var output = new StringWriter();
        new PlainProgress(output, json: true, dryRun: true).Done("Container a", "Started");
        Assert.Equal("{\"dry-run\":true,\"id\":\"Container a\",\"status\":\"Started\"}\n", output.ToString());
    }
}
