using Gantry.Compose.Model;

namespace Gantry.Compose.Planning;

/// <summary>Visits the services of a project in parallel: each after those it depends on, or in reverse before them.</summary>
public static class DependencyOrder
{
    /// <summary>Visits each service after those it depends on.</summary>
    /// <param name="project">The project.</param>
    /// <param name="plan">Gives, at once, what is to be done for a service, which may block its thread; null for nothing.</param>
    /// <param name="limit">At most so many at once; less than 1 for no limit.</param>
    public static Task ForwardAsync(Project project, Func<Service, Func<Task>?> plan, int limit = 0) =>
        VisitAsync(project, service => service.DependsOn.Keys.Where(project.Services.ContainsKey), plan, limit);

    /// <summary>Visits each service after those that depend on it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="plan">Gives, at once, what is to be done for a service, which may block its thread; null for nothing.</param>
    /// <param name="limit">At most so many at once; less than 1 for no limit.</param>
    public static Task BackwardAsync(Project project, Func<Service, Func<Task>?> plan, int limit = 0) =>
        VisitAsync(project, service => project.DependentsOf(service.Name).Select(static other => other.Name), plan, limit);

    /// <summary>Visits all services, each after some others.</summary>
    /// <param name="project">The project.</param>
    /// <param name="before">The services that come before one.</param>
    /// <param name="plan">Gives, at once, what is to be done for a service, which may block its thread; null for nothing.</param>
    /// <param name="limit">At most so many at once; less than 1 for no limit.</param>
    internal static async Task VisitAsync(Project project, Func<Service, IEnumerable<string>> before, Func<Service, Func<Task>?> plan, int limit)
    {
        CheckRequired(project);
        using var slots = limit > 0 ? new SemaphoreSlim(limit) : null;
        var tasks = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var service in project.Services.Values)
            _ = Start(service, []);
        try
        {
            await Task.WhenAll(tasks.Values).ConfigureAwait(false);
        }
        catch (Exception)
            when (tasks.Values.FirstOrDefault(static task => task.IsFaulted && task.Exception!.InnerException is not SkippedException) is { } cause)
        {
            // Those that waited for it failed with it; the cause is told.
            await cause.ConfigureAwait(false);
        }

        Task Start(Service service, HashSet<string> path)
        {
            if (tasks.TryGetValue(service.Name, out var started))
                return started;
            if (!path.Add(service.Name))
                throw new ComposeException($"cycle found: {string.Join(" -> ", path)} -> {service.Name}");
            Task[] others = [.. before(service).Select(name => Start(project.Services[name], path))];
            path.Remove(service.Name);
            return tasks[service.Name] = RunAsync(service, others);
        }

        async Task RunAsync(Service service, Task[] others)
        {
            try
            {
                await Task.WhenAll(others).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                throw new SkippedException(error);
            }
            if (plan(service) is not { } work)
                return;
            if (slots is not null)
                await slots.WaitAsync().ConfigureAwait(false);
            try
            {
                await Threads.RunAsync(work).ConfigureAwait(false);
            }
            finally
            {
                slots?.Release();
            }
        }
    }

    private static void CheckRequired(Project project)
    {
        foreach (var service in project.Services.Values)
        {
            foreach (var (name, dependency) in service.DependsOn.ToArray())
            {
                if (project.Services.ContainsKey(name))
                    continue;
                if (!dependency.Required)
                    service.RemoveDependency(name);
                else if (project.DisabledServices.TryGetValue(name, out var disabled))
                    throw new ComposeException(
                        $"service {name} is required by {service.Name} but is disabled. Can be enabled by profiles [{string.Join(' ', disabled.Profiles)}]");
            }
        }
    }

    private sealed class SkippedException(Exception cause) : Exception(cause.Message, cause);
}
