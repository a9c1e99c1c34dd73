using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Gantry.Api.Requests;
using Gantry.Oci;
using Microsoft.AspNetCore.Connections.Features;

namespace Gantry.Api.Hijacking;

/// <summary>A request that has become a raw stream in both directions (attach, exec start).</summary>
internal sealed class HijackedStream : IDuplexPipe
{
    private HijackedStream(PipeReader input, PipeWriter output)
    {
        Input = input;
        Output = output;
    }

    /// <summary>What the client sends, after the request.</summary>
    public PipeReader Input { get; }

    /// <summary>What the client receives, after the head.</summary>
    public PipeWriter Output { get; }

    /// <summary>
    /// Takes the connection and answers: `101 UPGRADED` to a client that asked for an upgrade, else `200 OK`. The handler must not
    /// return before the stream has ended, because Kestrel closes the connection then.
    /// </summary>
    /// <param name="call">The request; its JSON body, if any, must have been read.</param>
    /// <param name="multiplexed">Whether the stream has docker's frames; false with a terminal.</param>
    public static async Task<HijackedStream> OpenAsync(ApiCall call, bool multiplexed)
    {
        // 1. Read what is left of the body, so that what follows on the connection belongs to the stream.
        var upgrade = AsksForUpgrade(call);
        if (call.Http.Request.ContentLength > 0 || call.Http.Request.Headers.TransferEncoding.Count > 0) await DrainAsync(
            call.Http.Request.BodyReader, call.Aborted);

        // 2. Take the pipes from Kestrel, which from now on writes into nothing.
        var connection = call.Http.Features.Get<HijackableConnection>() ?? throw new InvalidOperationException("the listener lets no connection be taken");
        var raw = connection.Take();

        // 3. Write the head ourselves.
        raw.Output.Write(Encoding.ASCII.GetBytes(Head(call, upgrade, multiplexed)));
        await raw.Output.FlushAsync();
        var socket = call.Http.Features.Get<IConnectionSocketFeature>()?.Socket;
        return new HijackedStream(raw.Input, new PatientPipeWriter(raw.Output, socket?.AddressFamily == AddressFamily.Unix ? socket : null));
    }

    private static string Protocol(ApiCall call) =>
        call.Http.Request.Headers.Upgrade.ToString().Equals("h2c", StringComparison.OrdinalIgnoreCase) ? "h2c" : "tcp";

    private static bool AsksForUpgrade(ApiCall call) => call.Http.Request.Headers.Upgrade.Count > 0;

    private static string Head(ApiCall call, bool upgrade, bool multiplexed)
    {
        // Multiplexed streams are named since 1.42, and docker names them only to clients that upgrade.
        var type = upgrade && multiplexed && call.Version.IsAtLeast(42) ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
        var headers = call.Http.Response.Headers;
        var common = $"Content-Type: {type}\r\nApi-Version: {headers["Api-Version"]}\r\nOstype: {headers["Ostype"]}\r\nServer: {headers.Server}\r\n\r\n";
        return upgrade
            ? $"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: {Protocol(call)}\r\n" + common
            : "HTTP/1.1 200 OK\r\n" + common;
    }

    private static async Task DrainAsync(PipeReader body, CancellationToken cancellation)
    {
        const long LongestRest = 8 * 1024 * 1024;
        for (long drained = 0; ;)
        {
            var result = await body.ReadAsync(cancellation);
            drained += result.Buffer.Length;
            body.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return;
            if (drained > LongestRest) throw GantryException.Invalid("the request body is too long");
        }
    }
}
