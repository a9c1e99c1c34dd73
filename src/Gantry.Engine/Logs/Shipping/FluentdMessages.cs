using System.Buffers.Binary;
using System.Text;
using Gantry.Oci;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>Lines as messages of fluentd's forward protocol: <c>[tag, time, record]</c> in MessagePack.</summary>
internal sealed class FluentdMessages
{
    /// <summary>The options of the driver. Shipping is asynchronous always, and never gives up.</summary>
    public static readonly IReadOnlyList<string> Options = ["fluentd-address", "fluentd-async", "fluentd-sub-second-precision"];

    private const long NanosecondsOfSecond = 1_000_000_000;

    private readonly byte[] _tag;
    private readonly bool _precise;
    private readonly Dictionary<string, string> _fixed;

    public FluentdMessages(LogSubject subject)
    {
        (_, _precise) = Read(subject.Options);
        _tag = Encoding.UTF8.GetBytes(subject.Tag);
        _fixed = new Dictionary<string, string>(subject.Attributes())
        {
            ["container_id"] = subject.Container.Id,
            ["container_name"] = "/" + subject.Container.Name,
        };
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="GantryException">One is malformed (InvalidArgument).</exception>
    public static (LogAddress Address, bool Precise) Read(IReadOnlyDictionary<string, string> options)
    {
        const int Port = 24224;
        var text = options.GetValueOrDefault("fluentd-address", "");
        if (text.Length == 0)
            text = $"tcp://127.0.0.1:{Port}";
        else if (!text.Contains("://", StringComparison.Ordinal))
            text = "tcp://" + text;
        var address = LogAddress.Parse(text, Port, "tcp", "unix");
        _ = Flag("fluentd-async");
        return (address, Flag("fluentd-sub-second-precision"));

        bool Flag(string name) => options.GetValueOrDefault(name, "false") is var value && bool.TryParse(value, out var on) ? on
            : throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: true or false");
    }

    /// <summary>The one message of a line.</summary>
    public IEnumerable<byte[]> Encode(LogEntry entry)
    {
        var message = new List<byte> { 0x93 };
        Text(message, _tag);
        Time(message, entry.Time);
        Map(message, _fixed.Count + 2);
        foreach (var (name, value) in _fixed)
        {
            Text(message, Encoding.UTF8.GetBytes(name));
            Text(message, Encoding.UTF8.GetBytes(value));
        }
        Text(message, "source"u8);
        Text(message, entry.IsError ? "stderr"u8 : "stdout"u8);
        Text(message, "log"u8);
        Text(message, entry.Text.Span.TrimEnd("\r\n"u8));
        return [[.. message]];
    }

    private void Time(List<byte> message, long nanoseconds)
    {
        var seconds = (uint)(nanoseconds / NanosecondsOfSecond);
        if (!_precise)
        {
            message.Add(0xce);
            Big(message, seconds);
            return;
        }
        message.AddRange([0xd7, 0x00]); // EventTime: an extension of type 0 with two numbers.
        Big(message, seconds);
        Big(message, (uint)(nanoseconds % NanosecondsOfSecond));
    }

    private static void Map(List<byte> message, int count)
    {
        if (count < 16)
        {
            message.Add((byte)(0x80 | count));
            return;
        }
        message.AddRange([0xde, (byte)(count >> 8), (byte)count]);
    }

    private static void Text(List<byte> message, ReadOnlySpan<byte> text)
    {
        if (text.Length < 32)
            message.Add((byte)(0xa0 | text.Length));
        else
        {
            message.Add(0xdb);
            Big(message, (uint)text.Length);
        }
        message.AddRange(text);
    }

    private static void Big(List<byte> message, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        message.AddRange(bytes);
    }
}
