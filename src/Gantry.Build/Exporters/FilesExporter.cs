using System.Text;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Build.Exporters;

/// <summary>Writes the files of results as a tar archive: the outputs <c>local</c> and <c>tar</c>.</summary>
internal sealed class FilesExporter(LayerWorkshop workshop, ImageUnpacker unpacker)
{
    private const int BufferSize = 1 << 18;

    /// <summary>Writes them.</summary>
    /// <param name="results">The results, each with the folder that it is in; empty: the root.</param>
    /// <param name="target">Where to; left open.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task WriteAsync(IReadOnlyList<(string Folder, LayerResult Result)> results, Stream target, FileTime? newest, CancellationToken cancellation)
    {
        foreach (var (_, result) in results)
            await unpacker.EnsureUnpackedAsync(result.Layers, cancellation);
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(target, cancellation), BufferSize);
            var archive = new TarWriter(buffered);
            foreach (var (folder, result) in results)
            {
                if (workshop.OpenView(result) is not { } view)
                    continue;
                using (view)
                    LayerDiffer.AppendTree(view, archive, folder.Length == 0 ? null : Encoding.UTF8.GetBytes(folder), newest, cancellation);
            }
            archive.Finish();
            buffered.Flush();
            return true;
        });
        await target.FlushAsync(cancellation);
    }
}
