using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>Where a log is, and how lines lie in it.</summary>
/// <param name="Path">The current file; when there is none, nothing was logged yet.</param>
/// <param name="Format">The format of it, and of those it was rotated to.</param>
public sealed record LogPlace(string Path, LogFormat Format)
{
    /// <summary>The log of a container.</summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="id">Its ID.</param>
    /// <param name="driver">Its log driver.</param>
    internal static LogPlace Of(string folder, string id, string driver)
    {
        var format = LogOptions.FormatOf(driver);
        return new LogPlace(System.IO.Path.Combine(folder, format == LogFormat.JsonLines ? $"{id}-json.log" : "container.log"), format);
    }
}
