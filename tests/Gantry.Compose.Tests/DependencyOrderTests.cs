using Gantry.Compose.Planning;

namespace Gantry.Compose.Tests;

public class DependencyOrderTests
{
    private const string Chain = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x}\n  d: {image: x}\n";

    [Fact]
    public async Task A_service_comes_after_what_it_depends_on()
    {
        var visited = new List<string>();
        await DependencyOrder.ForwardAsync(LoadedProject.Of(Chain), service => () => Note(visited, service.Name));
        Assert.Equal(["c", "b", "a"], visited.Where(static name => name != "d"));
        Assert.Contains("d", visited);
    }

    [Fact]
    public async Task And_before_it_in_reverse()
    {
        var visited = new List<string>();
        await DependencyOrder.BackwardAsync(LoadedProject.Of(Chain), service => () => Note(visited, service.Name), limit: 1);
        Assert.Equal(["a", "b", "c"], visited.Where(static name => name != "d"));
    }

    [Fact]
    public async Task After_a_failure_nothing_that_depends_on_it_is_visited()
    {
        var visited = new List<string>();
        var failure = await Assert.ThrowsAsync<ComposeException>(() => DependencyOrder.ForwardAsync(
            LoadedProject.Of(Chain), service => service.Name == "b" ? throw new ComposeException("b fails") : () => Note(visited, service.Name)));
        Assert.Equal("b fails", failure.Message);
        Assert.DoesNotContain("a", visited);
    }

    private static Task Note(List<string> visited, string name)
    {
        lock (visited)
            visited.Add(name);
        return Task.CompletedTask;
    }
}
