using Gantry.Client;

namespace Gantry.Cli.Commands.Builds;

/// <summary>A folder that is not there yet, as a build context: it has no files.</summary>
/// <param name="folder">The folder.</param>
internal sealed class MissingFolder(string folder) : IClientContext
{
    /// <inheritdoc/>
    public string Key { get; } = $"{Environment.MachineName}:{Path.GetFullPath(folder)}";

    /// <inheritdoc/>
    public Task SendEntriesAsync(BuildConnection connection, int number) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task SendContentAsync(BuildConnection connection, int number, int entry) =>
        throw new CommandException($"the folder {folder} has no file {entry}");

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
