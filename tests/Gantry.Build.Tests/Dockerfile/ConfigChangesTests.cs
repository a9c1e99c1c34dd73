using Gantry.Build.Dockerfile.Compile;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Tests.Dockerfile;

public class ConfigChangesTests
{
    private static ImageRunConfig Apply(params string[] changes) => ConfigChanges.Apply(new ImageRunConfig { Env = ["PATH=/bin"] }, changes);

    [Fact]
    public void Each_instruction_is_understood()
    {
        var config = Apply(
            "cmd echo hi", "ENTRYPOINT [\"/e\", \"x y\"]", "ENV A=1 B=\"two words\" C=$A PATH=$PATH:/x", "ENV D all the rest", "EXPOSE 80 53/udp 9000-9001",
            "LABEL a=b \"c d\"='e f'", "USER u:g", "VOLUME /a /b", "VOLUME [\"/c d\"]", "WORKDIR /w", "WORKDIR sub/../x", "STOPSIGNAL SIGINT", "ONBUILD RUN x",
            "HEALTHCHECK --interval=5s --retries=2 CMD curl x", "");
        Assert.Equal(["/bin/sh", "-c", "echo hi"], config.Cmd);
        Assert.Equal(["/e", "x y"], config.Entrypoint);
        Assert.Equal(["PATH=/bin:/x", "A=1", "B=two words", "C=", "D=all the rest"], config.Env!.Order(Comparer<string>.Create((x, y) => Rank(x) - Rank(y))));
        Assert.Equal(["53/udp", "80/tcp", "9000/tcp", "9001/tcp"], config.ExposedPorts!.Keys.Order());
        Assert.Equal("b", config.Labels!["a"]);
        Assert.Equal("e f", config.Labels["c d"]);
        Assert.Equal(("u:g", "/w/x", "SIGINT"), (config.User, config.WorkingDir, config.StopSignal));
        Assert.Equal(["/a", "/b", "/c d"], config.Volumes!.Keys);
        Assert.Equal(["RUN x"], config.OnBuild);
        Assert.Equal((5_000_000_000L, 2), (config.Healthcheck!.Interval, config.Healthcheck.Retries));
        Assert.Equal(["CMD-SHELL", "curl x"], config.Healthcheck.Test);

        static int Rank(string entry) => "PABCD".IndexOf(entry[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEALTHCHECK NONE", "NONE")]
    [InlineData("HEALTHCHECK CMD [\"a\",\"b\"]", "CMD a b")]
    [InlineData("HEALTHCHECK --timeout=1m30s --start-period=1s CMD x", "CMD-SHELL x")]
    public void Health_checks(string change, string test) => Assert.Equal(test, string.Join(' ', Apply(change).Healthcheck!.Test!));

    [Theory]
    [InlineData("RUN x")]
    [InlineData("FROM x")]
    [InlineData("MAINTAINER x")]
    [InlineData("SHELL [\"x\"]")]
    [InlineData("LABEL")]
    [InlineData("STOPSIGNAL X")]
    [InlineData("VOLUME \"\"")]
    [InlineData("EXPOSE x")]
    [InlineData("EXPOSE 80/foo")]
    [InlineData("EXPOSE 99999")]
    [InlineData("ENV A")]
    [InlineData("ENV A=1 B")]
    [InlineData("ENV A=\"open")]
    [InlineData("LABEL ${x")]
    [InlineData("HEALTHCHECK --foo=1 CMD x")]
    [InlineData("HEALTHCHECK --interval=1ns CMD x")]
    [InlineData("HEALTHCHECK NONE x")]
    [InlineData("ONBUILD ONBUILD RUN x")]
    [InlineData("ONBUILD FROM x")]
    public void Malformed_changes_are_refused(string change) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => Apply(change)).Kind);

    [Theory]
    [InlineData("FOO x", "FOO is not a valid change command")]
    [InlineData("ENV A", "ENV must have two arguments")]
    [InlineData("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments")]
    [InlineData("LABEL", "LABEL requires at least one argument")]
    public void Errors_tell_of_no_line(string change, string message) => Assert.Equal(message, Assert.Throws<GantryException>(() => Apply(change)).Message);

    [Fact]
    public void The_original_is_not_changed()
    {
        var original = new ImageRunConfig { Env = ["A=1"], Labels = new Dictionary<string, string> { ["l"] = "1" } };
        ConfigChanges.Apply(original, ["ENV A=2", "LABEL l=2"]);
        Assert.Equal(["A=1"], original.Env);
        Assert.Equal("1", original.Labels["l"]);
    }

    [Theory]
    [InlineData("${A:-x}", "1")]
    [InlineData("${N:-x}", "x")]
    [InlineData("${A:+x}", "x")]
    [InlineData("${N:+x}", "")]
    [InlineData("'$A'", "$A")]
    [InlineData("\"$A\"", "1")]
    [InlineData("\\$A", "$A")]
    [InlineData("$A$A-$", "11-$")]
    public void Variables_are_expanded(string text, string expected) =>
        Assert.Equal(expected, ConfigChanges.Apply(new ImageRunConfig { Env = ["A=1"] }, [$"USER {text}"]).User);
}
