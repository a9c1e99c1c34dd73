using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Build.Exporters;

/// <summary>Writes the files of results as a tar archive: the outputs <c>local</c> and <c>tar</c>.</summary>
internal static class FilesExporter
{
    private const int BufferSize = 1 << 18;

    /// <summary>Writes them.</summary>
    /// <param name="results">The files, each with the folder that they are in; empty: the root.</param>
    /// <param name="target">Where to; left open.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task WriteAsync(IReadOnlyList<(string Folder, ResultFiles Files)> results, Stream target, FileTime? newest,
        CancellationToken cancellation)
    {
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(target, cancellation), BufferSize);
            var archive = new TarWriter(buffered);
            foreach (var (folder, files) in results)
                files.AppendTo(archive, folder, newest, cancellation);
            archive.Finish();
            buffered.Flush();
            return true;
        });
        await target.FlushAsync(cancellation);
    }
}
