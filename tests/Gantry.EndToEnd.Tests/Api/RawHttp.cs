using System.Net.Sockets;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>One HTTP answer: status, headers (names in small letters), body.</summary>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>HTTP by hand, one connection a request, to see exactly what comes over the wire and when.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawHttp(Engine engine)
    {
        _socket = engine.Connect();
        _stream = new NetworkStream(_socket);
        _socket.ReceiveTimeout = 30_000;
    }

    public static HttpAnswer Get(Engine engine, string path) => Send(engine, "GET", path);

    public static HttpAnswer Post(Engine engine, string path, string body = "") => Send(engine, "POST", path, body);

    public static HttpAnswer Send(Engine engine, string method, string path, string body = "")
    {
        using var connection = Open(engine, method, path, body);
        return connection.ReadAnswer();
    }

    /// <summary>Sends a request as it is written, and reads the answer.</summary>
    public static HttpAnswer Exchange(Engine engine, string request)
    {
        using var connection = new RawHttp(engine);
        connection.Write(request);
        return connection.ReadAnswer();
    }

    /// <summary>Sends a request and leaves the reading of the answer to the caller.</summary>
    public static RawHttp Open(Engine engine, string method, string path, string body = "", string headers = "")
    {
        var connection = new RawHttp(engine);
        var content = body.Length > 0 ? $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n" : method == "POST"
            ? "Content-Length: 0\r\n" : "";
        connection._stream.Write(
            Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: e2e\r\n{(headers.Length > 0 ? headers : "Connection: close\r\n")}{content}\r\n{body}"));
        return connection;
    }

    /// <summary>Reads status and headers, which may come long before the body.</summary>
    public (int Status, IReadOnlyDictionary<string, string> Headers) ReadHead()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var next = _stream.ReadByte();
            Assert.True(next >= 0, "the connection ended within the headers: " + head);
            head.Append((char)next);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).GroupBy(parts => parts[0].ToLowerInvariant())
            .ToDictionary(group => group.Key, group => group.First().ElementAtOrDefault(1) ?? "");
        return (int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), headers);
    }

    /// <summary>Reads up to the end of the connection, or the chunked body up to its end.</summary>
    public HttpAnswer ReadAnswer()
    {
        var (status, headers) = ReadHead();
        var rest = ReadToEnd();
        return new HttpAnswer(status, headers, headers.TryGetValue("transfer-encoding", out var encoding) && encoding == "chunked" ? Unchunk(rest)
            : Encoding.UTF8.GetString(rest));
    }

    public byte[] ReadToEnd()
    {
        using var all = new MemoryStream();
        _stream.CopyTo(all);
        return all.ToArray();
    }

    public void Write(string text) => _stream.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Says that nothing more is sent; what the other side sends still arrives.</summary>
    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Whether something has arrived that was not read yet.</summary>
    public bool HasData(int milliseconds) => _socket.Poll(milliseconds * 1000, SelectMode.SelectRead);

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static string Unchunk(byte[] body)
    {
        using var result = new MemoryStream();
        var position = 0;
        while (position < body.Length)
        {
            var end = Array.IndexOf(body, (byte)'\r', position);
            var size = Convert.ToInt32(Encoding.ASCII.GetString(body, position, end - position), 16);
            if (size == 0) break;
            result.Write(body, end + 2, size);
            position = end + 2 + size + 2;
        }

        return Encoding.UTF8.GetString(result.ToArray());
    }
}
