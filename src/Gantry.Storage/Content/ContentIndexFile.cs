using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Content;

/// <summary><c>index.json</c> and <c>oci-layout</c>, written by write-temp, sync, rename.</summary>
internal sealed class ContentIndexFile(string root)
{
    private readonly string _path = Path.Combine(root, "index.json");

    internal ImageIndex Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), OciImageJson.Default.ImageIndex)
                ?? throw new JsonException("it is null");
        }
        catch (FileNotFoundException)
        {
            return new ImageIndex { MediaType = MediaTypes.OciIndex };
        }
        catch (JsonException error)
        {
            throw new GantryException(ErrorKind.System, $"cannot read {_path}: {error.Message}", error);
        }
    }

    internal void Write(ImageIndex index, string temporary)
        => Replace(_path, JsonSerializer.SerializeToUtf8Bytes(index, OciImageJson.Plain.ImageIndex), temporary);

    internal void EnsureLayout(string path)
    {
        if (!File.Exists(path))
        {
            var layout = new ImageLayout { ImageLayoutVersion = ImageLayout.CurrentVersion };
            Replace(path, JsonSerializer.SerializeToUtf8Bytes(layout, OciImageJson.Plain.ImageLayout), path + ".new");
            return;
        }
        var found = JsonSerializer.Deserialize(File.ReadAllBytes(path), OciImageJson.Default.ImageLayout)?.ImageLayoutVersion;
        if (found != ImageLayout.CurrentVersion)
            throw GantryException.Invalid($"{root} is an OCI layout of version \"{found}\"; only {ImageLayout.CurrentVersion} is known");
    }

    private void Replace(string path, byte[] content, string temporary)
    {
        try
        {
            using (var file = FileOpener.Open(temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1a4 /* 0644 */))
            {
                FileData.Write(file, content);
                FileSynchronization.Synchronize(file);
            }
            FileNodes.Rename(null, KernelPath.FromText(temporary), null, KernelPath.FromText(path));
        }
        catch (OsException e)
        {
            ContentStore.DeleteFile(temporary);
            throw new OsException($"write {path}", e.Errno);
        }
        using var folder = FileOpener.Open(root, OpenFlags.Directory);
        FileSynchronization.Synchronize(folder);
    }
}
