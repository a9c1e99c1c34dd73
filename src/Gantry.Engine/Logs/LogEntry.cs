namespace Gantry.Engine.Logs;

/// <summary>One line of a log; of an output line over 16 KiB, one part.</summary>
/// <param name="IsError">Whether it is from the standard error.</param>
/// <param name="Time">When it was logged, in nanoseconds since 1970.</param>
/// <param name="Text">The text, with the line feed unless the line goes on in the next entry of the stream.</param>
/// <param name="Attributes">What <c>--log-opt labels</c>, <c>env</c> and so on logged with it.</param>
public sealed record LogEntry(bool IsError, long Time, ReadOnlyMemory<byte> Text, IReadOnlyDictionary<string, string> Attributes);
