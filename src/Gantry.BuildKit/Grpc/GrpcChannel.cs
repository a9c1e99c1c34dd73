using System.Net;
using System.Net.Http.Headers;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Grpc;

/// <summary>Values that go with a call.</summary>
internal sealed class GrpcMetadata : List<KeyValuePair<string, string>>
{
    public void Add(string name, string value) => Add(new KeyValuePair<string, string>(name, value));

    /// <summary>Adds several values of a name.</summary>
    public void Add(string name, IEnumerable<string> values) => Add(name, string.Join(RepeatedHeaderStream.Separator, values));
}

/// <summary>Calls methods of gRPC at the other side of a connection that is there already.</summary>
internal sealed class GrpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private Stream? _connection;

    /// <param name="connection">The connection, on which the other side waits for HTTP/2; owned.</param>
    public GrpcChannel(Stream connection)
    {
        _connection = new RepeatedHeaderStream(connection);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => Interlocked.Exchange(ref _connection, null) is { } once
                ? ValueTask.FromResult(once) : throw new IOException("the client's session has ended"),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = 1 << 20,
            ActivityHeadersPropagator = null,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        });
    }

    /// <summary>Sends one message and receives one.</summary>
    /// <exception cref="GrpcException">The other side failed, or is gone.</exception>
    public async Task<ReadOnlyMemory<byte>> CallAsync(string method, IProtoMessage message, CancellationToken cancellation)
    {
        await using var stream = Open(method, [], cancellation);
        await stream.WriteAsync(ProtoWriter.Encode(message));
        stream.CompleteWriting();
        var answer = await stream.ReadAsync();
        // The status comes behind the message.
        var copy = answer?.ToArray();
        while (await stream.ReadAsync() is not null)
        {
        }
        return copy ?? throw new GrpcException(GrpcCode.Internal, $"{method} has no answer");
    }

    /// <summary>Begins a call with messages in both directions.</summary>
    public GrpcStream Open(string method, GrpcMetadata metadata, CancellationToken cancellation)
    {
        var content = new StreamContent();
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        foreach (var (name, value) in metadata)
            request.Headers.TryAddWithoutValidation(name, value);
        return new GrpcStream(content, stop => _http.SendAsync(request, stop), cancellation);
    }

    public void Dispose()
    {
        _http.Dispose();
        Interlocked.Exchange(ref _connection, null)?.Dispose();
    }

    /// <summary>A body that is written while the answer is read.</summary>
    internal sealed class StreamContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Where to write to, when the request has begun.</summary>
        public Task<Stream> Stream => _stream.Task;

        /// <summary>Nothing more is written.</summary>
        public void Complete() => _complete.TrySetResult();

        /// <summary>The request cannot be sent.</summary>
        public void Fail(Exception error) => _stream.TrySetException(error);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // Without this the head waits for the first bytes of the body.
            await stream.FlushAsync(cancellationToken);
            _stream.TrySetResult(stream);
            await _complete.Task.WaitAsync(cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
