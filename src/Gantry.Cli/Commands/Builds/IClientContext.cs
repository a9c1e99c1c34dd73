using Gantry.Client;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Files that a build may ask this client for.</summary>
internal interface IClientContext : IDisposable
{
    /// <summary>What tells it from others, so that what did not change since the last build need not be sent; empty: nothing does.</summary>
    string Key { get; }

    /// <summary>Sends the names of all its files.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="number">Its number among the contexts of the build.</param>
    /// <exception cref="CommandException">One cannot be read.</exception>
    Task SendEntriesAsync(BuildConnection connection, int number);

    /// <summary>Sends the content of a file.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="number">The context's number.</param>
    /// <param name="entry">The file's.</param>
    /// <exception cref="CommandException">It cannot be read.</exception>
    Task SendContentAsync(BuildConnection connection, int number, int entry);
}
