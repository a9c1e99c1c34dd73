using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>A buffer through which the files of a log are read in whole lines; the beginning of an unfinished one stays until the rest is there.</summary>
internal abstract class LogBlock
{
    /// <summary>The buffer for a format.</summary>
    internal static LogBlock For(LogFormat format) => format == LogFormat.Paged ? new PagedBlock() : new JsonBlock();

    /// <summary>Reads on and returns the lines that are complete; empty when none has become so, null at the end of the file.</summary>
    internal abstract ReadOnlyMemory<byte>? Read(LogSegment segment, ref long position);

    /// <summary>What is left behind the last whole line, if it can be one: the end of a file without a line feed.</summary>
    internal abstract ReadOnlyMemory<byte> TakeRest();
}
