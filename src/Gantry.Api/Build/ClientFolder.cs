using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using Gantry.Api.Model;
using Gantry.Build.Contexts;
using Gantry.Oci;

namespace Gantry.Api.Build;

/// <summary>A folder of a client that builds by Gantry's own stream, whose files are asked for one by one. Several threads may open files.</summary>
/// <param name="number">The number of the context.</param>
/// <param name="stream">The build's stream.</param>
internal sealed class ClientFolder(int number, BuildStream stream) : IClientFolder
{
    private readonly Dictionary<string, (int Number, long Length)> _files = [];
    private readonly ConcurrentDictionary<int, PipeWriter> _arriving = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _entries;

    /// <summary>Takes an entry of the folder.</summary>
    public void Add(in ContextEntry entry) => _files[entry.Path] = (_entries++, entry.Size);

    /// <inheritdoc/>
    public long? LengthOf(string path) => _files.TryGetValue(path, out var file) ? file.Length : null;

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellation)
    {
        if (!_files.TryGetValue(path, out var file))
            throw GantryException.NotFound($"open {path}: no such file or directory");
        // One file at a time: the client sends them one after another, and who waits for the second must not hold up the first.
        await _turn.WaitAsync(cancellation);
        var pipe = new Pipe();
        _arriving[file.Number] = pipe.Writer;
        var wanted = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(wanted, number);
        BinaryPrimitives.WriteInt32LittleEndian(wanted.AsSpan(4), file.Number);
        try
        {
            // Not given up half-way: the client sends what it was asked for, and the turn ends with that.
            await stream.WriteAsync(BuildFrame.Need, wanted, CancellationToken.None);
        }
        catch
        {
            _arriving.TryRemove(file.Number, out _);
            _turn.Release();
            throw;
        }
        return pipe.Reader.AsStream();
    }

    /// <summary>Takes a part of a file's content. What nobody reads any more is dropped.</summary>
    public async Task TakeAsync(int file, ReadOnlySequence<byte> bytes, bool isLast)
    {
        if (!_arriving.TryGetValue(file, out var writer))
            throw GantryException.Invalid("the client sent a file that was not asked for");
        foreach (var segment in bytes)
            await writer.WriteAsync(segment);
        if (!isLast)
            return;
        await writer.CompleteAsync();
        _arriving.TryRemove(file, out _);
        _turn.Release();
    }

    /// <summary>Nothing more comes: the client is gone.</summary>
    public void Abandon()
    {
        foreach (var writer in _arriving.Values)
            writer.Complete(new IOException("the client ended"));
    }
}
