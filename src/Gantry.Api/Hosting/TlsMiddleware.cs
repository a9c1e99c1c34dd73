using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Hosting;

/// <summary>Connection middleware that speaks TLS to the client. ASP.NET's own wants services that this server has not.</summary>
internal static class TlsMiddleware
{
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);

    /// <summary>Runs a connection over TLS; one whose client cannot prove itself ends.</summary>
    public static async Task RunAsync(ConnectionContext connection, SslServerAuthenticationOptions options, ConnectionDelegate next)
    {
        var inner = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(inner), leaveInnerStreamOpen: true);
        try
        {
            using var limit = new CancellationTokenSource(s_handshake);
            await stream.AuthenticateAsServerAsync(options, limit.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            return; // The other side learns it by TLS' own alert.
        }
        connection.Transport = new StreamDuplex(PipeReader.Create(stream), PipeWriter.Create(stream));
        try
        {
            await next(connection);
            await connection.Transport.Output.CompleteAsync();
            await stream.ShutdownAsync();
        }
        catch (IOException)
        {
            // The client is gone.
        }
        finally
        {
            connection.Transport = inner;
        }
    }

    private sealed record StreamDuplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>The pipes of a connection as one stream.</summary>
    private sealed class DuplexPipeStream(IDuplexPipe pipes) : Stream
    {
        private readonly Stream _input = pipes.Input.AsStream(leaveOpen: true);
        private readonly Stream _output = pipes.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => _output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _output.WriteAsync(buffer, cancellationToken);
            await _output.FlushAsync(cancellationToken);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
