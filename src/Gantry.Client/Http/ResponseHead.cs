using System.Text;

namespace Gantry.Client.Http;

/// <summary>Status line and header fields of a response.</summary>
public sealed class ResponseHead
{
    private readonly List<KeyValuePair<string, string>> _fields;

    private ResponseHead(int status, string reason, bool http10, List<KeyValuePair<string, string>> fields)
    {
        Status = status;
        Reason = reason;
        Http10 = http10;
        _fields = fields;
    }

    /// <summary>The status code.</summary>
    public int Status { get; }

    /// <summary>The words after the status code, possibly none.</summary>
    public string Reason { get; }

    /// <summary>Whether the server answered as HTTP/1.0, where a connection ends with its response.</summary>
    public bool Http10 { get; }

    /// <summary>The value of a header field, or null; names are compared without regard to case.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (field, value) in _fields)
                if (field.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return value;
            return null;
        }
    }

    /// <summary>Reads the bytes up to and without the empty line that ends a head (RFC 9112 section 2).</summary>
    /// <exception cref="IOException">They are no HTTP/1 response.</exception>
    public static ResponseHead Parse(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var lines = text.Split('\n');
        var status = lines[0].TrimEnd('\r');
        if (!status.StartsWith("HTTP/1.", StringComparison.Ordinal) || status.Length < 12 || !int.TryParse(status.AsSpan(9, 3), out var code))
            throw new IOException($"malformed HTTP response \"{status}\"");
        var fields = new List<KeyValuePair<string, string>>(lines.Length);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                fields.Add(new(line[..colon], line[(colon + 1)..].Trim()));
            else if (line.TrimEnd('\r').Length > 0)
                throw new IOException($"malformed HTTP header field \"{line.TrimEnd('\r')}\"");
        }
        return new ResponseHead(code, status.Length > 13 ? status[13..] : "", status[7] == '0', fields);
    }

    /// <summary>Whether a comma-separated field such as <c>Connection</c> holds a token.</summary>
    public bool HasToken(string name, string token)
    {
        var value = this[name];
        if (value is null)
            return false;
        foreach (var part in value.Split(','))
            if (part.AsSpan().Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
