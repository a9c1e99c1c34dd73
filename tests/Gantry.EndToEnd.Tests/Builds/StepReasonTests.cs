using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>What a build tells of its steps: why each is run (<c>--explain</c>), and what one that failed left (<c>--debug</c>).</summary>
[Trait("Only", "Gantry")]
public sealed partial class StepReasonTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Context = "[internal] load build context";
    private readonly WorkFolder _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void What_changed_is_named()
    {
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        Write("base/Dockerfile", $"FROM {Engine.Image}\nRUN echo 1 > /base\n");
        Write("other/file", "1");
        Write("context/src/a", "1");
        Write("context/src/b", "1");
        Write("context/Dockerfile", """
            FROM e2e-reason:base
            ARG WHO=nobody
            COPY src /src
            RUN echo $WHO > /who
            RUN --mount=type=bind,source=src/a,target=/a --mount=type=secret,id=s cat /a > /copied
            COPY --from=other file /
            """);
        engine.Client("gantry").Run("build", "-t", "e2e-reason:base", _work.File("base")).Succeeded();
        const string copy = "[stage-0 2/5] COPY src /src", echo = "[stage-0 3/5] RUN echo nobody > /who", other = "[stage-0 5/5] COPY --from=other file /";
        const string bind = "[stage-0 4/5] RUN --mount=type=bind,source=src/a,target=/a --mount=type=secret,id=s cat /a > /copied";
        Assert.All(Reasons().Values, reason => Assert.Equal("no step like it was run before", reason));

        // A file: its name, and for the steps above the step that copied it.
        Write("context/src/b", "2");
        var reasons = Reasons();
        Assert.Equal($"changed: the content of src of {Context}: src/b", reasons[copy]);
        Assert.Equal($"changed: the files of {copy}", reasons[echo]);
        Assert.Equal($"changed: the files of {echo}", reasons[bind]);

        // A further context, and a variable.
        Write("other/file", "2");
        var one = Assert.Single(Reasons());
        Assert.Equal((other, "changed: the content of file of [context other] load: file"), (one.Key, one.Value));
        reasons = Reasons("--build-arg", "WHO=me");
        Assert.Equal("changed: the variable WHO", reasons["[stage-0 3/5] RUN echo me > /who"]);
        Assert.StartsWith("changed: the variable WHO; the files of ", reasons[bind], StringComparison.Ordinal);
        Assert.DoesNotContain(copy, reasons.Keys);

        // The base image; the secret is no input.
        Write("base/Dockerfile", $"FROM {Engine.Image}\nRUN echo 2 > /base\n");
        engine.Client("gantry").Run("build", "-t", "e2e-reason:base", _work.File("base")).Succeeded();
        Assert.Equal("changed: the files of [stage-0 1/5] FROM docker.io/library/e2e-reason:base", Reasons()[copy]);
        Write("secret", "another");
        Assert.Empty(Reasons());
        engine.Docker.Run("rmi", "-f", "e2e-reason:base").Succeeded();
    }

    [Fact]
    public void A_shell_shows_the_files_of_the_step_that_failed()
    {
        Write("context/Dockerfile", $"FROM {Engine.Image}\nENV A=b\nARG WHO=me\nWORKDIR /work\nRUN echo kept > made; false\n");
        using (var terminal = engine.Client("gantry").StartInTerminal("build", "--debug", "--progress=plain", _work.File("context")))
        {
            terminal.WaitFor("a shell in them follows");
            terminal.WaitFor("/work # ");
            terminal.Type("echo $(cat made) $A $WHO $((40 + 2)); exit\r");
            terminal.WaitFor("kept b me 42");
            Assert.Equal(1, terminal.Wait().ExitCode);
        }
        Assert.Empty(engine.Docker.Text("ps", "-aq"));
        engine.Docker.Run("image", "prune", "-f").Succeeded();
    }

    /// <summary>Builds, and gives the reason of each step that was run by its name.</summary>
    private Dictionary<string, string> Reasons(params string[] options)
    {
        if (!File.Exists(_work.File("secret")))
            Write("secret", "hidden");
        var told = engine.Client("gantry").Run(
            ["build", "--explain", "--progress=plain", "--build-context", $"other={_work.File("other")}", "--secret", $"id=s,src={_work.File("secret")}",
                .. options, _work.File("context")]).Succeeded().Error;
        var names = StepName().Matches(told).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        return StepWhy().Matches(told).ToDictionary(match => names[match.Groups[1].Value], match => match.Groups[2].Value);
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_work.File(name))!);
        File.WriteAllText(_work.File(name), text);
    }

    [GeneratedRegex(@"^#(\d+) (\[.*)$", RegexOptions.Multiline)]
    private static partial Regex StepName();

    [GeneratedRegex(@"^#(\d+) run because: (.*)$", RegexOptions.Multiline)]
    private static partial Regex StepWhy();
}
