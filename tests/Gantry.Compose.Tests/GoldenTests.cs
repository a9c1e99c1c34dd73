using Gantry.Compose.Model;
using Gantry.Compose.Output;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Tests;

/// <summary>What <c>config</c> shows is what docker compose shows, to the byte; and so are the hashes.</summary>
public class GoldenTests
{
    // What docker tells of these in words of its YAML library or with a mistake of its own.
    private static readonly string[] s_otherWords = ["error-not-a-map", "error-port-ipv6", "error-bad-duration"];

    public static TheoryData<string> Cases => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_project_means_what_docker_makes_of_it(string name)
    {
        var golden = GoldenCase.Read(name);
        if (golden.Expected("error") is { } error)
        {
            var failure = Assert.Throws<ComposeException>(() => golden.With(static (loader, options) => loader.Load(options, [])));
            if (!s_otherWords.Contains(name))
                Assert.Contains(error.Trim(), failure.Message, StringComparison.OrdinalIgnoreCase);
            return;
        }
        var project = golden.With(static (loader, options) => loader.Load(options, []));
        Assert.Equal(golden.Expected("expected.yaml"), Escape(ProjectText.ToYaml(project)));
        if (golden.Expected("expected.json") is { } json)
            Assert.Equal(json, Escape(ProjectText.ToJson(project)) + "\n");
        if (golden.Expected("expected.hash") is { } hash)
            Assert.Equal(hash, Hashes(golden.With(static (loader, options) => loader.Load(options with { ResolveEnvironment = false }, []))));
    }

    private static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static string Hashes(Project project)
    {
        foreach (var service in project.Services.Values)
            BuildPlatform.Apply(service, project.Variables);
        return string.Concat(project.Services.Values.Select(static service => $"{service.Name} {ConfigHash.Of(service)}\n"));
    }
}
