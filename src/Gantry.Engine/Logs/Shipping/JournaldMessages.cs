using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>Lines as entries of systemd's journal, in its native protocol: fields by name, those with a line feed by length.</summary>
internal sealed class JournaldMessages
{
    /// <summary>Where journald listens.</summary>
    public static readonly LogAddress Address = new("unixgram", "/run/systemd/journal/socket", 0);

    private const int Informational = 6, Error = 3;

    private readonly List<(string Name, byte[] Value)> _fields = [];

    public JournaldMessages(LogSubject subject)
    {
        var container = subject.Container;
        Add("CONTAINER_ID", subject.ShortId);
        Add("CONTAINER_ID_FULL", container.Id);
        Add("CONTAINER_NAME", container.Name);
        Add("CONTAINER_TAG", subject.Tag);
        Add("IMAGE_NAME", container.ImageName);
        Add("SYSLOG_IDENTIFIER", subject.Tag);
        foreach (var (name, value) in subject.Attributes())
            Add(FieldName(name), value);
    }

    /// <summary>The one message of a line.</summary>
    public IEnumerable<byte[]> Encode(LogEntry entry)
    {
        var message = new MemoryStream();
        Write(message, "MESSAGE", entry.Text.Span.TrimEnd("\r\n"u8));
        Write(message, "PRIORITY", Encoding.ASCII.GetBytes((entry.IsError ? Error : Informational).ToString(CultureInfo.InvariantCulture)));
        foreach (var (name, value) in _fields)
            Write(message, name, value);
        return [message.ToArray()];
    }

    private void Add(string name, string value) => _fields.Add((name, Encoding.UTF8.GetBytes(value)));

    // Capital letters, digits and underlines, not beginning with the latter: those are the journal's own.
    private static string FieldName(string name) =>
        string.Concat(name.ToUpperInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')).TrimStart('_') is { Length: > 0 } field
            ? field : "LABEL";

    private static void Write(MemoryStream message, string name, ReadOnlySpan<byte> value)
    {
        message.Write(Encoding.ASCII.GetBytes(name));
        if (value.Contains((byte)'\n'))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)value.Length);
            message.WriteByte((byte)'\n');
            message.Write(length);
        }
        else
            message.WriteByte((byte)'=');
        message.Write(value);
        message.WriteByte((byte)'\n');
    }
}
