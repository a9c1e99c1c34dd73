namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// The names of a log's files: the current one, <c>.1</c>, <c>.2</c> ..., each of the closed ones also as <c>.1.gz</c>. Belongs to the log's thread.
/// </summary>
/// <param name="settings">The log's.</param>
internal sealed class LogFileNames(LogRequest settings)
{
    /// <summary>What the name of a compressed file ends with.</summary>
    public const string Compressed = ".gz";

    /// <summary>The name of a file; 0: the current one.</summary>
    public string Of(int number) => number == 0 ? settings.Path : $"{settings.Path}.{number}";

    /// <summary>Frees the name of the current file: it becomes <c>.1</c>, that <c>.2</c>, and so on; one that is too many is gone.</summary>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    public void Shift()
    {
        // Only up to the first gap: a keeper that died half-way has left one, and what is behind it was moved already.
        var last = 1;
        while (last < settings.MaxFiles - 1 && Exists(last))
            last++;
        // The current one is missing after a rotation that could not make the next.
        for (var i = last; i > 0 && Exists(i - 1); i--)
            Move(i - 1, i);
    }

    private bool Exists(int number) => File.Exists(Of(number)) || number > 0 && File.Exists(Of(number) + Compressed);

    /// <summary>Both forms of a file, of which the plain one counts: it was being compressed when a keeper died.</summary>
    private void Move(int from, int to)
    {
        var isCompressed = from > 0 && File.Exists(Of(from) + Compressed);
        var isPlain = File.Exists(Of(from));
        if (isCompressed)
            File.Move(Of(from) + Compressed, Of(to) + Compressed, overwrite: true);
        if (isPlain)
            File.Move(Of(from), Of(to), overwrite: true);
        // What was there before is gone, also when it had the other form.
        if (!isPlain)
            File.Delete(Of(to));
        if (!isCompressed)
            File.Delete(Of(to) + Compressed);
    }
}
