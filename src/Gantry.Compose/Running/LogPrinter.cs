using System.Globalization;
using System.Text;

namespace Gantry.Compose.Running;

/// <summary>Writes the output of many containers line by line, each with its container's name before it, in a colour of its own.</summary>
/// <param name="output">Where standard output goes.</param>
/// <param name="error">Where standard error goes.</param>
/// <param name="colors">Whether names are coloured.</param>
/// <param name="prefix">Whether lines begin with names.</param>
/// <param name="timestamps">Whether the time at which a line came is before it.</param>
public sealed class LogPrinter(TextWriter output, TextWriter error, bool colors, bool prefix, bool timestamps = false)
{
    private static readonly string[] s_colors = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _width;

    /// <summary>Makes a container known: names are padded to the longest one.</summary>
    public void Register(string name)
    {
        lock (_lock)
        {
            if (_known.ContainsKey(name))
                return;
            _known[name] = s_colors[_known.Count % s_colors.Length];
            _width = Math.Max(_width, name.Length);
        }
    }

    /// <summary>A stream that writes the lines of a container.</summary>
    /// <param name="name">The container.</param>
    /// <param name="isError">Whether they are of standard error.</param>
    public Stream Open(string name, bool isError)
    {
        Register(name);
        return new LineStream(line => Write(name, line, isError));
    }

    /// <summary>Writes a line about a container, which is not of its output.</summary>
    public void Status(string name, string text)
    {
        lock (_lock)
        {
            output.Write(Paint(name, $"{name} {text}") + "\n");
            output.Flush();
        }
    }

    private void Write(string name, string line, bool isError)
    {
        lock (_lock)
        {
            var writer = isError ? error : output;
            writer.Write((prefix ? Paint(name, name.PadRight(_width + 1) + " | ") : "") + (timestamps ? DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z' ", CultureInfo.InvariantCulture) : "") + line + "\n");
            writer.Flush();
        }
    }

    private string Paint(string name, string text) => colors ? $"\u001b[{_known.GetValueOrDefault(name, "0")}m{text}\u001b[0m" : text;

    private sealed class LineStream(Action<string> write) : Stream
    {
        private readonly List<byte> _rest = [];

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (buffer.IndexOf((byte)'\n') is >= 0 and var end)
            {
                _rest.AddRange(buffer[..end]);
                WriteRest();
                buffer = buffer[(end + 1)..];
            }
            _rest.AddRange(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            // A last line without an end.
            if (disposing && _rest.Count > 0)
                WriteRest();
            base.Dispose(disposing);
        }

        private void WriteRest()
        {
            write(Encoding.UTF8.GetString([.. _rest]).TrimEnd('\r'));
            _rest.Clear();
        }
    }
}
