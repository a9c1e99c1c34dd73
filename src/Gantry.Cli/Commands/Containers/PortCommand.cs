using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>port</c>: where the ports of a container are published.</summary>
internal sealed class PortCommand : Command
{
    public static CommandEntry Entry => new(
        ["container port", "port"], "CONTAINER [PRIVATE_PORT[/PROTO]]",
        "List port mappings or a specific mapping for the container",
        new ArgumentCount(1, 2), static _ => new PortCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var container = await session.Client.InspectContainerAsync(arguments[0]).ConfigureAwait(false);
        var published = container.NetworkSettings.Ports.Where(static port => port.Value is { Count: > 0 })
            .OrderBy(static port => Number(port.Key)).ThenBy(static port => port.Key, StringComparer.Ordinal);
        if (arguments.Count == 1)
        {
            foreach (var (name, bindings) in published)
            {
                foreach (var binding in bindings!)
                    session.Print($"{name} -> {Text(binding)}");
            }
            return 0;
        }
        var wanted = arguments[1].Contains('/', StringComparison.Ordinal) ? arguments[1] : arguments[1] + "/tcp";
        if (!int.TryParse(wanted.AsSpan(0, wanted.IndexOf('/', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new CommandException($"Error: invalid port ({arguments[1]}): strconv.ParseUint: parsing \"{arguments[1]}\": invalid syntax");
        if (container.NetworkSettings.Ports.GetValueOrDefault(wanted) is not { Count: > 0 } found)
            throw new CommandException($"Error: No public port '{arguments[1]}' published for {arguments[0]}");
        foreach (var binding in found)
            session.Print(Text(binding));
        return 0;
    }

    private static int Number(string port) => int.Parse(port.AsSpan(0, port.IndexOf('/', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    private static string Text(PortBinding binding) =>
        binding.HostIp.Contains(':', StringComparison.Ordinal) ? $"[{binding.HostIp}]:{binding.HostPort}" : $"{binding.HostIp}:{binding.HostPort}";
}
