using System.Globalization;

namespace Gantry;

/// <summary>A file with this process's id, which goes when it is disposed.</summary>
/// <param name="path">The file; null: none was asked for.</param>
internal sealed class PidFile(string? path) : IDisposable
{
    public static PidFile Write(string? path)
    {
        if (path is not null)
            File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new PidFile(path);
    }

    public void Dispose()
    {
        if (path is not null)
            File.Delete(path);
    }
}
