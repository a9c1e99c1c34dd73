using Gantry.Os;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// How formatted lines come to lie in a file. One for each log; it follows the file: <see cref="Open"/> or <see cref="Begin"/>, then <see cref="Arrange"/>
/// and, when what that gave was written, <see cref="Wrote"/>.
/// </summary>
internal abstract class LogLayout
{
    /// <summary>The layout of a log.</summary>
    public static LogLayout Of(LogRequest settings) => settings.Format == LogFormat.Paged ? new PagedLayout(settings.Attributes) : new JsonLayout();

    /// <summary>Takes up a file.</summary>
    /// <param name="file">The file, for reading.</param>
    /// <param name="size">Its size.</param>
    /// <param name="isWhole">Whether it is known to end with a whole line.</param>
    /// <returns>Up to where it consists of whole lines; the rest is to be cut.</returns>
    public abstract long Open(Fd file, long size, bool isWhole);

    /// <summary>The file is empty now.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>What has to be appended to the file for these lines; valid until the next call.</summary>
    public abstract ReadOnlySpan<byte> Arrange(ReadOnlySpan<byte> lines);

    /// <summary>What the last <see cref="Arrange"/> gave is in the file.</summary>
    public virtual void Wrote()
    {
    }

    /// <summary>The time of the first line of a file, in nanoseconds since 1970; 0: it cannot be told.</summary>
    public abstract long FirstTime(Fd file);
}
