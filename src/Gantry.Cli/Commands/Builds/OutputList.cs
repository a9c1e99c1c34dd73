using System.Buffers.Binary;
using System.IO.Pipelines;
using Gantry.Api.Model;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary>The outputs of a build that go to the user: files, folders, the standard output.</summary>
internal sealed class OutputList : IDisposable
{
    private readonly Dictionary<int, Stream> _open = [];
    private readonly Dictionary<int, Task> _folders = [];
    private readonly Dictionary<int, string> _destinations = [];

    /// <exception cref="CommandException">A destination is missing.</exception>
    public OutputList(CommandSession session, IReadOnlyList<BuildSessionOutput> outputs, IReadOnlyList<BuildSessionOutput> caches)
    {
        // Without an output there is one all the same: the image.
        var first = Math.Max(outputs.Count, 1);
        for (var i = 0; i < caches.Count; i++)
        {
            if (caches[i].Type == "local")
                _destinations[first + i] = CacheArgument.FolderOf(caches[i], "dest");
        }
        for (var i = 0; i < outputs.Count; i++)
        {
            if (outputs[i].Type is "image" or "cacheonly" or "registry")
                continue;
            var destination = outputs[i].Attributes?.GetValueOrDefault("dest") ?? "";
            if (destination.Length == 0)
                throw new CommandException($"dest is required for {outputs[i].Type} output");
            if (outputs[i].Type == "local")
                _destinations[i] = destination;
            else
                _open[i] = destination == "-" ? session.Context.Output : Create(destination);
        }
    }

    /// <summary>Takes a part: the number of the output, then bytes; none: it is whole.</summary>
    public void Take(ReadOnlySpan<byte> message)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(message);
        // A folder is made when something comes for it: a build that fails leaves none.
        if (!_open.TryGetValue(number, out var stream))
            stream = _open[number] = Folder(number, _destinations[number]);
        if (message.Length > 4)
        {
            stream.Write(message[4..]);
            return;
        }
        stream.Flush();
        stream.Dispose();
        if (_folders.TryGetValue(number, out var folder))
            folder.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (var stream in _open.Values)
            stream.Dispose();
    }

    private static FileStream Create(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"failed to open {path}: {error.Message}");
        }
    }

    private Stream Folder(int number, string folder)
    {
        var pipe = new Pipe();
        _folders[number] = Task.Run(() =>
        {
            try
            {
                FolderOutput.Extract(pipe.Reader.AsStream(leaveOpen: true), folder);
            }
            finally
            {
                // Whoever writes does not wait for one that has given up.
                pipe.Reader.Complete();
            }
        });
        return pipe.Writer.AsStream();
    }
}
