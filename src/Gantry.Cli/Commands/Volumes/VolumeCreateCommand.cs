using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Volumes;

/// <summary><c>volume create</c>: creates a volume.</summary>
internal sealed class VolumeCreateCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _driver = flags.String("driver", 'd', "Volume driver", "local");
    private readonly ListFlag<string> _label = flags.List("label", "Label of the volume", FlagChecks.Label);
    private readonly MapFlag _options = flags.Map("opt", 'o', "Option of the driver");
    private readonly ClusterVolumeFlags _cluster = new(flags);
    private readonly ValueFlag<string> _name = flags.Add(
        new ValueFlag<string>("name", '\0', "string", "Name of the volume", static text => text, "") { Hidden = true });

    public static CommandEntry Entry => new(
        ["volume create"], "[OPTIONS] [VOLUME]",
        "Create a volume",
        ArgumentCount.AtMost(1), static flags => new VolumeCreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 1 && _name.Changed)
            throw new CommandException("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
        var volume = await session.Client.CreateVolumeAsync(new VolumeCreateRequest
        {
            Name = arguments.Count == 1 ? arguments[0] : _name.Value,
            Driver = _driver.Value,
            DriverOpts = _options.Values.Count > 0 ? _options.Values : null,
            Labels = KeyValues.ToMap(_label.Values),
            ClusterVolumeSpec = _cluster.Spec,
        }).ConfigureAwait(false);
        session.Print(volume.Name);
        return 0;
    }
}
