namespace Gantry.Cli.Session;

/// <summary>Files that arguments name, with the errors a Go program has for them.</summary>
internal static class FileArgument
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="CommandException">It cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException($"open {path}: {Reason(path, error)}");
        }
    }

    /// <summary>Reads a text file whole.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static string ReadText(string path)
    {
        using var file = Open(path);
        using var reader = new StreamReader(file);
        try
        {
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"read {path}: {Reason(path, error)}");
        }
    }

    private static string Reason(string path, Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException or ArgumentException => "no such file or directory",
        _ when Directory.Exists(path) => "is a directory",
        UnauthorizedAccessException => "permission denied",
        _ => error.Message,
    };
}
