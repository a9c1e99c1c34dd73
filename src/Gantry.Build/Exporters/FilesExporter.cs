using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Build.Exporters;

/// <summary>Writes the files of a result as a tar archive: the outputs <c>local</c> and <c>tar</c>.</summary>
internal sealed class FilesExporter(LayerWorkshop workshop, ImageUnpacker unpacker)
{
    private const int BufferSize = 1 << 18;

    public async Task WriteAsync(LayerResult result, Stream target, CancellationToken cancellation)
    {
        await unpacker.EnsureUnpackedAsync(result.Layers, cancellation);
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(target, cancellation), BufferSize);
            if (workshop.OpenView(result) is { } view)
            {
                using (view)
                    LayerDiffer.WriteTree(view, buffered, cancellation);
            }
            else
            {
                new TarWriter(buffered).Finish();
            }
            buffered.Flush();
            return true;
        });
        await target.FlushAsync(cancellation);
    }
}
