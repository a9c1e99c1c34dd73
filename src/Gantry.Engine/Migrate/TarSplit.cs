using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Migrate;

/// <summary>
/// Puts the archive of a layer together again, byte for byte, from its unpacked files and what tar-split (github.com/vbatts/tar-split, tar/storage) kept beside
/// them: a JSON document a line,
/// either the bytes between two files, or the name and length of a file.
/// </summary>
internal static class TarSplit
{
    private const int MaxLine = 64 << 20;
    private const int BufferSize = 1 << 18;
    private const int FileEntry = 1;
    private const int SegmentEntry = 2;

    /// <summary>Writes the archive.</summary>
    /// <param name="description">The description, compressed with gzip; left open.</param>
    /// <param name="files">The folder with the layer's files, the root of its links.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="onBytes">Is told how many bytes of files were written, whenever there are more.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidDataException">The description is damaged, or a file is missing or too short.</exception>
    /// <exception cref="OsException">A file cannot be read.</exception>
    public static void Write(Stream description, Fd files, Stream output, Action<int> onBytes, CancellationToken cancellation)
    {
        using var plain = new GZipStream(description, CompressionMode.Decompress, leaveOpen: true);
        var lines = new Lines(plain);
        var buffer = new byte[BufferSize];
        while (lines.Next() is { } line)
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = Read(line.Span);
            if (entry.Type == SegmentEntry)
                output.Write(entry.Payload);
            else if (entry is { Type: FileEntry, Size: > 0 })
                CopyFile(files, entry.Name, entry.Size, output, buffer, onBytes, cancellation);
        }
    }

    private static void CopyFile(Fd files, byte[] name, long size, Stream output, byte[] buffer, Action<int> onBytes, CancellationToken cancellation)
    {
        var path = name.AsSpan().TrimStart((byte)'/');
        using var file = DockerRoot.OpenFile(files, path) ?? throw new InvalidDataException($"the layer's file {KernelPath.ToText(path)} is missing");
        for (var left = size; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = FileData.Read(file, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)));
            if (count == 0)
                throw new InvalidDataException($"the layer's file {KernelPath.ToText(path)} is shorter than the {size} bytes it had");
            output.Write(buffer.AsSpan(0, count));
            left -= count;
            onBytes(count);
        }
    }

    private static Entry Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            var entry = new Entry();
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var property = reader.GetString();
                reader.Read();
                switch (property)
                {
                    case "type":
                        entry.Type = reader.GetInt32();
                        break;
                    case "size":
                        entry.Size = reader.GetInt64();
                        break;
                    case "name":
                        entry.Name = Encoding.UTF8.GetBytes(reader.GetString() ?? "");
                        break;
                    case "name_raw" when reader.TokenType == JsonTokenType.String: // A name that is no UTF-8.
                        entry.Name = reader.GetBytesFromBase64();
                        break;
                    case "payload" when reader.TokenType == JsonTokenType.String:
                        entry.Payload = reader.GetBytesFromBase64();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
            return entry;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"the description of a layer is damaged: {error.Message}", error);
        }
    }

    private record struct Entry()
    {
        public int Type { get; set; }

        public byte[] Name { get; set; } = [];

        public long Size { get; set; }

        public byte[] Payload { get; set; } = [];
    }

    /// <summary>The lines of a stream, one at a time, each valid until the next.</summary>
    private sealed class Lines(Stream input)
    {
        private byte[] _buffer = new byte[BufferSize];
        private int _start;
        private int _end;

        public ReadOnlyMemory<byte>? Next()
        {
            for (var searched = 0; ;)
            {
                var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
                if (found >= 0)
                    return Take(searched + found, 1);
                searched = _end - _start;
                if (!Fill())
                    return searched == 0 ? default(ReadOnlyMemory<byte>?) : Take(searched, 0); // Plain null would be an empty line.
            }
        }

        private ReadOnlyMemory<byte> Take(int length, int separator)
        {
            var line = _buffer.AsMemory(_start, length);
            _start += length + separator;
            return line;
        }

        private bool Fill()
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            if (_end == _buffer.Length)
            {
                if (_buffer.Length >= MaxLine)
                    throw new InvalidDataException($"the description of a layer has a line of more than {MaxLine} bytes");
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
            var count = input.Read(_buffer, _end, _buffer.Length - _end);
            _end += count;
            return count > 0;
        }
    }
}
