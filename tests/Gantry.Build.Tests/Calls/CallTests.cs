using Gantry.Build.Calls;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;

namespace Gantry.Build.Tests.Calls;

public class CallTests
{
    private const string Text = """
        # V is the version
        ARG V=1
        # base the base image
        FROM busybox AS base
        # X some thing
        ARG X
        ARG V
        RUN --mount=type=secret,id=tok,required=true --mount=type=ssh,id=k --mount=type=cache,id=c1,target=/c true
        FROM busybox AS unused
        ARG Z
        # release the release
        FROM base AS release
        ARG Y=2
        RUN --mount=type=secret,id=opt true
        """;

    [Fact]
    public void Targets_are_the_stages_with_names()
    {
        var answer = TargetsCall.Answer(Document(), new FrontendOptions());
        Assert.Equal("TARGET            DESCRIPTION\nbase              the base image\nunused            \nrelease (default) the release\n", answer.Text);
        Assert.Contains("\"default\": true", answer.Json);
        Assert.Contains("base (default)", TargetsCall.Answer(Document(), new FrontendOptions { Target = "base" }).Text);
    }

    [Fact]
    public void An_outline_has_what_can_be_given_to_a_target()
    {
        var answer = OutlineCall.Answer(Document(), new FrontendOptions { Arguments = new Dictionary<string, string> { ["Y"] = "3" } });
        const string expected = """
            TARGET:      release
            DESCRIPTION: the release

            BUILD ARG   VALUE   DESCRIPTION
            V           1       is the version
            X                   some thing
            Y           3       

            SECRET   REQUIRED
            tok      true
            opt      

            SSH   REQUIRED
            k     


            """;
        Assert.Equal(expected, answer.Text);
        Assert.Throws<Oci.GantryException>(() => OutlineCall.Answer(Document(), new FrontendOptions { Target = "other" }));
    }

    private static DockerfileDocument Document() => DockerfileDocument.Parse(new SourceFile("Dockerfile", Text));
}
