namespace Gantry.Cli.Flags;

/// <summary>A flag that only means something to daemons on Windows: it is known, and refused.</summary>
/// <param name="name">The long name.</param>
public sealed class WindowsOnlyFlag(string name) : Flag(name, '\0', "value", "Windows only")
{
    /// <inheritdoc/>
    protected override void Accept(string value) => throw new CommandException(
        $"\"--{Name}\" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux");
}
