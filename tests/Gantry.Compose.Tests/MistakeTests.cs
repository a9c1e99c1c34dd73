namespace Gantry.Compose.Tests;

/// <summary>What is wrong in a file is told with the line, the path, and what was probably meant.</summary>
public class MistakeTests
{
    [Theory]
    [InlineData("services:\n  web:\n    image: x\n    comand: y\n", "services.web additional properties 'comand' not allowed (line 4; did you mean 'command'?)")]
    [InlineData("services:\n  web:\n    image: x\n    dependsOn: [y]\n", "did you mean 'depends_on'?")]
    [InlineData("service:\n  web: {image: x}\n", "did you mean 'services'?")]
    [InlineData("services:\n  web:\n    image: x\n    healthcheck:\n      intervall: 1s\n", "services.web.healthcheck additional properties 'intervall' not allowed (line 5; did you mean 'interval'?)")]
    [InlineData("services:\n  web:\n    image: x\n    ports: 80\n", "services.web.ports must be a array (line 4)")]
    [InlineData("services:\n  web:\n    image: x\n    image: y\n", "line 4: mapping key \"image\" already defined at line 3")]
    [InlineData("services:\n  web:\n    image: x\n   y: z\n", "line 4")]
    [InlineData("services:\n  web: &a\n    image: x\n    x-y: *a\n", "contains itself")]
    [InlineData("services:\n  web:\n    <<: x\n", "map merge requires map")]
    [InlineData("services:\n  1: {image: x}\n", "non-string key in services: 1")]
    [InlineData("services:\n  web:\n    image: x\n    stop_grace_period: '10'\n", ":4: a duration such as 1m30s is expected, not '10'")]
    [InlineData("services:\n  web:\n    image: x\n    environment: ['A =b']\n", "environment variable A  is declared with a trailing space")]
    public void A_mistake_is_told(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ComposeException>(() => LoadedProject.Of(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_of_aliases_do_not_fill_the_memory()
    {
        var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(static level =>
            $"x-{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n"));
        Assert.Contains("excessive aliasing", Assert.Throws<ComposeException>(() => LoadedProject.Of(text + "services: {web: {image: x}}\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_without_a_value_is_told_once_for_each_place()
    {
        var warnings = new List<string>();
        LoadedProject.Of("services: {web: {image: 'x${NOPE}'}}\n", warnings.Add);
        Assert.Equal(["The \"NOPE\" variable is not set. Defaulting to a blank string."], warnings);
    }
}
