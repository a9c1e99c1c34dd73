using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Dockerfile.Lint;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Tests.Dockerfile.Lint;

public class LintTests
{
    [Theory]
    [InlineData("FROM base AS Build\n", "StageNameCasing: Stage name 'Build' should be lowercase (line 1)")]
    [InlineData("FROM base as build\n", "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)")]
    [InlineData("FROM base\nRUN a \\\n\n b\n", "NoEmptyContinuation: Empty continuation line (line 2)")]
    [InlineData("FROM base\nrun a\nRUN b\n", "ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase) (line 2)")]
    [InlineData("FROM base AS a\nFROM base AS a\n", "DuplicateStageName: Duplicate stage name \"a\", stage names should be unique (line 2)")]
    [InlineData("FROM base AS scratch\n", "ReservedStageName: Stage name should not use the same name as reserved stage \"scratch\" (line 1)")]
    [InlineData("FROM base\nCMD a b\n",
        "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)")]
    [InlineData("FROM base\nMAINTAINER me\n", "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)")]
    [InlineData("ARG VERSION=1\nFROM base:${VERSOIN}1\n", "UndefinedArgInFrom: FROM argument 'VERSOIN' is not declared (did you mean VERSION?) (line 2)")]
    [InlineData("FROM base\nWORKDIR a\n", "WorkdirRelativePath: Relative workdir \"a\" can have unexpected results if the base image changes (line 2)")]
    [InlineData("FROM base\nARG VERSION\nENV A=$VERSOIN\n", "UndefinedVar: Usage of undefined variable '$VERSOIN' (did you mean $VERSION?) (line 3)")]
    [InlineData("FROM base\nCMD [\"a\"]\nCMD [\"b\"]\n",
        "MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used (line 2)")]
    [InlineData("FROM base\nENV a b\n", "LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key value\" format (line 2)")]
    [InlineData("FROM --platform=$BUILDPLATFORM arm\n",
        "InvalidBaseImagePlatform: Base image arm was pulled with platform \"linux/arm64\", expected \"linux/amd64\" for current build (line 1)")]
    [InlineData("FROM --platform=$TARGETPLATFORM base\n",
        "RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior (line 1)")]
    [InlineData("FROM base\nENV AWS_SECRET_ACCESS_KEY=x\n",
        "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"AWS_SECRET_ACCESS_KEY\") (line 2)")]
    [InlineData("ARG TAG\nFROM base:${TAG}\n",
        "InvalidDefaultArgInFrom: Default value for ARG base:${TAG} results in empty or invalid base image name (line 2)")]
    [InlineData("FROM --platform=linux/amd64 base\n",
        "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/amd64\" (line 1)")]
    [InlineData("# check=experimental=all\n\n# something\nFROM base AS a\n",
        "InvalidDefinitionDescription: Comment for FROM should follow the format: `# a <description>` (line 4)")]
    [InlineData("FROM base\nEXPOSE 80/TCP\n", "ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase (line 2)")]
    [InlineData("FROM base\nEXPOSE 127.0.0.1:80:80\n",
        "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80' (line 2)")]
    public async Task A_rule_finds_what_it_is_about(string text, string expected) =>
        Assert.Equal([expected], (await CheckAsync(text)).Warnings.Select(warning => warning.Short));

    [Theory]
    [InlineData("FROM base AS build\nWORKDIR /a\nWORKDIR b\nSHELL [\"sh\"]\nCMD x\n")]
    [InlineData("# something\nFROM base AS a\n")]
    [InlineData("FROM base\nARG PUBLIC_KEY\nENV A=${B:-x}\nENV C=$A\n")]
    [InlineData("from base as a\nrun x\n")]
    [InlineData("# check=skip=MaintainerDeprecated,JSONArgsRecommended\nFROM base\nMAINTAINER x\nCMD y\n")]
    [InlineData("# check=skip=all\nFROM base\nMAINTAINER x\n")]
    public async Task What_is_well_or_not_wanted_is_not_told(string text) => Assert.Empty((await CheckAsync(text)).Warnings);

    [Fact]
    public async Task Stages_that_no_target_needs_are_checked_when_none_is_named()
    {
        const string text = "FROM base AS one\nWORKDIR a\nWORKDIR b\nFROM base AS two\nENV A b\nFROM one\nWORKDIR c\nFROM base\nWORKDIR d\nCMD x\nCMD y\n";
        string[] last = ["WorkdirRelativePath 9", "JSONArgsRecommended 10", "MultipleInstructionsDisallowed 10", "JSONArgsRecommended 11"];
        Assert.Equal(last, Rules(await CheckAsync(text)));
        Assert.Equal(["WorkdirRelativePath 2", "LegacyKeyValueFormat 5", .. last], Rules(await CheckAsync(text, Options with { ChecksAll = true })));
        Assert.Equal(["LegacyKeyValueFormat 5"], Rules(await CheckAsync(text, Options with { ChecksAll = true, Target = "two" })));

        static IEnumerable<string> Rules(LintReport report) => report.Warnings.Select(warning => $"{warning.Rule.Name} {warning.Range.First}");
    }

    [Fact]
    public async Task Warnings_may_be_errors()
    {
        var report = await CheckAsync("# check=error=true\nFROM base\nMAINTAINER x\nCMD y\n");
        Assert.Equal("lint violation found for rules: MaintainerDeprecated, JSONArgsRecommended", Assert.Throws<GantryException>(report.Check).Message);
        Assert.Equal("invalid check option \"sikp\"", Assert.Throws<GantryException>(() => new LintReport("sikp=all")).Message);
    }

    [Theory]
    [InlineData("JSONArgsRecommended", "json-args-recommended")]
    [InlineData("StageNameCasing", "stage-name-casing")]
    [InlineData("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env")]
    public void Rules_are_explained_by_docker(string name, string path) =>
        Assert.Equal($"https://docs.docker.com/go/dockerfile/rule/{path}/", LintRules.All.Single(rule => rule.Name == name).Url);

    private static async Task<LintReport> CheckAsync(string text, FrontendOptions? options = null)
    {
        var document = DockerfileDocument.Parse(new SourceFile("Dockerfile", text));
        var report = new LintReport(document.Directives.Check ?? "");
        new DocumentLinter(document, report).Check();
        await DockerfileCompiler.CompileAsync(document, options ?? Options, new Images(), CancellationToken.None, report);
        return report;
    }

    private static FrontendOptions Options => new()
    {
        Platform = Platform.Parse("linux/amd64"), Arguments = new Dictionary<string, string> { ["TAG"] = "1" },
    };

    private sealed class Images : IImageResolver
    {
        public Task<Image> ResolveAsync(string reference, Platform platform, CancellationToken cancellation)
        {
            var id = Digest.Compute(System.Text.Encoding.UTF8.GetBytes(reference));
            return Task.FromResult(new Image
            {
                Id = id, Manifest = new Descriptor { Digest = id }, Target = new Descriptor { Digest = id }, Layers = [],
                Config = new ImageConfig { Os = "linux", Architecture = reference == "arm" ? "arm64" : "amd64", Config = new ImageRunConfig() },
            });
        }
    }
}
