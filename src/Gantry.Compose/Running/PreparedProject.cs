using Gantry.Api.Model;
using Gantry.Compose.Model;

namespace Gantry.Compose.Running;

/// <summary>A project whose containers are what the files say, but are not all started.</summary>
public sealed class PreparedProject
{
    private readonly ObservedState _state;

    internal PreparedProject(Project project, ObservedState state) => (Project, _state) = (project, state);

    /// <summary>The project.</summary>
    public Project Project { get; }

    /// <summary>The containers of its services.</summary>
    public IReadOnlyList<ContainerSummary> Containers => [.. Project.Services.Keys.SelectMany(_state.Of)];

    /// <summary>Starts what does not run, each service after what it depends on.</summary>
    /// <param name="engine">The daemon.</param>
    /// <param name="options">Whether and how long to wait for health.</param>
    /// <param name="starting">Called for each container right before its start, or null.</param>
    /// <param name="hookOutput">Takes the output of what services want to be run before and after their start, or null.</param>
    /// <exception cref="ComposeException">A container does not start, or what it depends on fails.</exception>
    public Task StartAsync(EngineAccess engine, UpOptions options, Func<ContainerSummary, Task>? starting = null, LogPrinter? hookOutput = null) =>
        new ServiceStarter(engine, Project, _state) { Starting = starting, HookOutput = hookOutput }.StartAsync(options.Wait, options.WaitTimeout);
}
