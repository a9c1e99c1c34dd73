using System.Net.Sockets;
using System.Text;

namespace Gantry.Client.Tests;

/// <summary>A server on a unix socket that answers raw bytes to raw requests, so that tests decide about every byte.</summary>
public sealed class FakeDaemon : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-fake").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<Request, Socket, bool> _answer;
    private readonly List<Socket> _connections = [];

    /// <summary>Listens.</summary>
    /// <param name="answer">Answers a request on its connection; false ends the connection.</param>
    public FakeDaemon(Func<Request, Socket, bool> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string Folder => _folder;

    public string SocketPath => Path.Combine(_folder, "s");

    public string Address => "unix://" + SocketPath;

    public List<Request> Requests { get; } = [];

    public int Connections
    {
        get
        {
            lock (_connections)
                return _connections.Count;
        }
    }

    /// <summary>A response with a body of known length.</summary>
    public static byte[] Response(int status, string body, string type = "application/json") =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    public void Dispose()
    {
        _listener.Dispose();
        lock (_connections)
            _connections.ForEach(static connection => connection.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                lock (_connections)
                    _connections.Add(connection);
                new Thread(() => Serve(connection)) { IsBackground = true }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            while (Read(connection) is { } request)
            {
                lock (Requests)
                    Requests.Add(request);
                if (!_answer(request, connection))
                    break;
            }
            connection.Dispose();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client left.
        }
    }

    private static Request? Read(Socket connection)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (connection.Receive(one) == 0)
                return null;
            head.Append((char)one[0]);
        }
        var lines = head.ToString().Split("\r\n");
        var words = lines[0].Split(' ');
        var fields = lines.Skip(1).Where(static line => line.Length > 0).Select(static line => line.Split(": ", 2))
            .ToDictionary(static field => field[0], static field => field[1], StringComparer.OrdinalIgnoreCase);
        var body = fields.TryGetValue("Content-Length", out var length) ? ReadExactly(connection, int.Parse(length))
            : fields.ContainsKey("Transfer-Encoding") ? ReadChunks(connection) : [];
        return new Request(words[0], words[1], fields, body);
    }

    private static byte[] ReadChunks(Socket connection)
    {
        var body = new List<byte>();
        while (true)
        {
            var line = "";
            while (!line.EndsWith("\r\n", StringComparison.Ordinal))
                line += (char)ReadExactly(connection, 1)[0];
            var size = Convert.ToInt32(line.Trim(), 16);
            body.AddRange(ReadExactly(connection, size));
            ReadExactly(connection, 2);
            if (size == 0)
                return [.. body];
        }
    }

    private static byte[] ReadExactly(Socket connection, int count)
    {
        var buffer = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = connection.Receive(buffer.AsSpan(at));
            if (read == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            at += read;
        }
        return buffer;
    }

    public sealed record Request(string Method, string Target, IReadOnlyDictionary<string, string> Fields, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);
    }
}
