using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gantry.Oci;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>Lines as messages of the Graylog Extended Log Format 1.1: over UDP compressed and in chunks, over TCP ended by a NUL.</summary>
internal sealed class GelfMessages
{
    /// <summary>The options of the driver.</summary>
    public static readonly IReadOnlyList<string> Options = ["gelf-address", "gelf-compression-type"];

    private const int Informational = 6, Error = 3;
    private const int ChunkPayload = 1420 - 12; // docker's: below the MTU of ordinary networks.
    private const int MostChunks = 128;

    private readonly LogSubject _subject;
    private readonly bool _isDatagram;
    private readonly string _compression;
    private readonly Dictionary<string, string> _extra = [];

    public GelfMessages(LogSubject subject)
    {
        _subject = subject;
        (var address, _compression) = Read(subject.Options);
        _isDatagram = address.IsDatagram;
        var container = subject.Container;
        _extra["_container_id"] = container.Id;
        _extra["_container_name"] = container.Name;
        _extra["_image_id"] = container.ImageId;
        _extra["_image_name"] = container.ImageName;
        _extra["_command"] = string.Join(' ', container.Args.Prepend(container.Path));
        _extra["_tag"] = subject.Tag;
        _extra["_created"] = Gantry.Api.Model.GoTime.Format(container.Created);
        foreach (var (name, value) in subject.Attributes())
            _extra["_" + name] = value;
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="GantryException">One is malformed or missing (InvalidArgument).</exception>
    public static (LogAddress Address, string Compression) Read(IReadOnlyDictionary<string, string> options)
    {
        const int Port = 12201;
        if (options.GetValueOrDefault("gelf-address") is not { Length: > 0 } text)
            throw GantryException.Invalid("gelf-address is a required parameter");
        var address = LogAddress.Parse(text, Port, "udp", "tcp");
        var compression = options.GetValueOrDefault("gelf-compression-type", "gzip");
        if (compression is not ("gzip" or "zlib" or "none"))
            throw GantryException.Invalid($"gelf: invalid value for \"gelf-compression-type\": {compression}: use gzip, zlib or none");
        if (!address.IsDatagram && options.ContainsKey("gelf-compression-type"))
            throw GantryException.Invalid("compression is only supported on UDP");
        return (address, compression);
    }

    /// <summary>The messages of a line: one, or the chunks of one.</summary>
    public IEnumerable<byte[]> Encode(LogEntry entry)
    {
        var document = Document(entry);
        return _isDatagram ? Chunk(Compress(document)) : [[.. document, 0]];
    }

    private byte[] Document(LogEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.1");
            writer.WriteString("host", Environment.MachineName);
            writer.WriteString("short_message", Encoding.UTF8.GetString(entry.Text.Span.TrimEnd("\r\n"u8)));
            writer.WriteNumber("timestamp", entry.Time / 1_000_000 / 1000m);
            writer.WriteNumber("level", entry.IsError ? Error : Informational);
            foreach (var (name, value) in _extra)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private byte[] Compress(byte[] document)
    {
        if (_compression == "none")
            return document;
        using var buffer = new MemoryStream();
        using (Stream packed = _compression == "gzip" ? new GZipStream(buffer, CompressionLevel.Fastest) : new ZLibStream(buffer, CompressionLevel.Fastest))
            packed.Write(document);
        return buffer.ToArray();
    }

    // A chunk: two magic bytes, eight that name the message, its number, how many there are.
    private static IEnumerable<byte[]> Chunk(byte[] message)
    {
        if (message.Length <= ChunkPayload)
            return [message];
        var id = RandomNumberGenerator.GetBytes(8);
        var chunks = message.Chunk(ChunkPayload).ToList();
        if (chunks.Count > MostChunks)
            return []; // No receiver takes it.
        return chunks.Select((payload, number) => (byte[])[0x1e, 0x0f, .. id, (byte)number, (byte)chunks.Count, .. payload]);
    }
}
