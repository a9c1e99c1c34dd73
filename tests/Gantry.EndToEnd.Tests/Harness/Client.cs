using System.Reflection;
using Xunit.Sdk;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>Runs a theory with each command line that has to work: the stock docker client and gantry's own.</summary>
public sealed class BothClientsAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        (Environment.GetEnvironmentVariable("GANTRY_TEST_CLIENTS") is { Length: > 0 } names ? names.Split(',') : ["docker", "gantry"])
            .Select(name => new object[] { name });
}

/// <summary>Runs a theory with <c>gantry build</c> and, where there is one, with the stock docker-buildx.</summary>
public sealed class BothBuildersAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        TestEnvironment.Buildx is null ? [["gantry"]] : [["gantry"], ["buildx"]];
}

/// <summary>One command line, pointed at one engine.</summary>
internal sealed class Client(string executable, string host)
{
    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["DOCKER_CONFIG"] = Path.Combine(Path.GetTempPath(), "gantry-e2e-no-config"), // The user's own settings are none of the tests'.
        ["DOCKER_HIDE_LEGACY_COMMANDS"] = "",
    };

    /// <summary>The words that a command begins with.</summary>
    public IReadOnlyList<string> Prefix { get; } = [executable, "-H", host];

    public CommandResult Run(params string[] arguments) => Command.Run([.. Prefix, .. arguments], environment: s_environment);

    public CommandResult RunWithInput(byte[] input, params string[] arguments) => Command.Run([.. Prefix, .. arguments], input, s_environment);

    public CommandResult RunWithInput(string input, params string[] arguments) => RunWithInput(System.Text.Encoding.UTF8.GetBytes(input), arguments);

    public Command Start(params string[] arguments) => Command.Start([.. Prefix, .. arguments], s_environment);

    public Terminal StartInTerminal(params string[] arguments) => new([.. Prefix, .. arguments]);

    /// <summary>Runs a command and gives its output, which has to be there without an error.</summary>
    public string Text(params string[] arguments) => Run(arguments).Text;

    /// <summary>One value of <c>inspect</c>, by a Go template.</summary>
    public string Inspect(string name, string template) => Text("inspect", "--format", template, name);
}
