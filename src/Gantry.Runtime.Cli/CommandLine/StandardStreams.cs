using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cli.CommandLine;

/// <summary>Writes to standard output and error by descriptor: System.Console costs half a millisecond of every start.</summary>
internal static class StandardStreams
{
    /// <summary>Writes a text.</summary>
    /// <param name="number">1 or 2.</param>
    /// <param name="text">The text, with its line ends.</param>
    internal static void Write(int number, string text) => Write(number, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <param name="number">1 or 2.</param>
    /// <param name="bytes">The bytes.</param>
    internal static void Write(int number, ReadOnlySpan<byte> bytes)
    {
        var stream = new Fd(number);
        try
        {
            FileData.Write(stream, bytes);
        }
        finally
        {
            stream.Release();
        }
    }
}
