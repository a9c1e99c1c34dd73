using Gantry.Api.Model;
using Gantry.Cli.Templates;
using Gantry.Compose.Planning;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A container as <c>compose ps --format json</c> shows it.</summary>
/// <param name="container">The container.</param>
/// <param name="state">Its state.</param>
/// <param name="column">The columns that plain listings have too.</param>
internal sealed class ListedContainer(ContainerSummary container, ContainerState state, Func<string, object?> column) : TemplateMap
{
    private static readonly string[] s_plain = [
        "Command", "CreatedAt", "ID", "Image", "Labels", "LocalVolumes", "Mounts", "Names", "Networks", "Ports", "RunningFor", "Size", "State", "Status"];

    /// <inheritdoc/>
    public override IEnumerable<string> Names =>
        s_plain.Concat(["ExitCode", "Health", "Name", "Project", "Publishers", "Service"]).Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int Count => Names.Count();

    /// <inheritdoc/>
    public override bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "ExitCode" => (long)(state.Status is "exited" or "dead" ? state.ExitCode : 0),
            "Health" => state.Status == "running" ? state.Health?.Status ?? "" : "",
            "Name" => container.Name(),
            "Service" => container.ServiceName(),
            "Project" => container.Labels.GetValueOrDefault(Labels.Project, ""),
            "Publishers" => container.Ports.OrderBy(static port => port.PrivatePort).Select(static port => (object?)new Publisher(port)).ToArray(),
            _ => s_plain.Contains(name) ? column(name) : null,
        };
        return Names.Contains(name);
    }

    private sealed class Publisher(PortSummary port) : TemplateMap
    {
        public override IEnumerable<string> Names => ["URL", "TargetPort", "PublishedPort", "Protocol"];

        public override int Count => 4;

        public override bool TryGet(string name, out object? value)
        {
            value = name switch { "URL" => port.IP ?? "", "TargetPort" => (long)port.PrivatePort, "PublishedPort" => (long)port.PublicPort, "Protocol" =>
                port.Type, _ => null };
            return value is not null;
        }
    }
}
