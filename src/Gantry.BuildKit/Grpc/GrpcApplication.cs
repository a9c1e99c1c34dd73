using System.Globalization;
using System.Text;
using Gantry.Oci;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gantry.BuildKit.Grpc;

/// <summary>What Kestrel calls for each HTTP/2 request: finds the method, answers it, and makes a status of how it ended.</summary>
/// <param name="methods">The methods by their paths, such as <c>/moby.buildkit.v1.Control/Solve</c>.</param>
/// <param name="log">Where unexpected failures are logged.</param>
internal sealed class GrpcApplication(IReadOnlyDictionary<string, GrpcMethod> methods, ILogger log) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        GrpcException? failure = null;
        try
        {
            if (!methods.TryGetValue(context.Request.Path.Value ?? "", out var method))
                throw new GrpcException(GrpcCode.Unimplemented, $"unknown method {context.Request.Path}");
            await method(new GrpcCall(context));
        }
        catch (Exception error)
        {
            failure = Failure(error, context);
        }
        if (context.RequestAborted.IsCancellationRequested)
            return;
        Finish(context.Response, failure);
    }

    private GrpcException Failure(Exception error, HttpContext context)
    {
        switch (error)
        {
            case GrpcException known:
                return known;
            case OperationCanceledException:
                return new GrpcException(GrpcCode.Canceled, "context canceled");
            case GantryException known:
                return GrpcFailure.Of(known);
            case InvalidDataException or IOException:
                return new GrpcException(GrpcCode.Unknown, error.Message);
            default:
                GrpcLog.CallFailed(log, context.Request.Path.Value ?? "", error);
                return new GrpcException(GrpcCode.Unknown, error.Message);
        }
    }

    private static void Finish(HttpResponse response, GrpcException? failure)
    {
        if (!response.HasStarted)
            response.ContentType = "application/grpc";
        response.AppendTrailer("grpc-status", ((int)(failure?.Code ?? GrpcCode.Ok)).ToString(CultureInfo.InvariantCulture));
        if (failure is null)
            return;
        response.AppendTrailer("grpc-message", Escape(failure.Message));
        if (!failure.Details.IsEmpty)
            response.AppendTrailer("grpc-status-details-bin", Convert.ToBase64String(failure.Details.Span).TrimEnd('='));
    }

    /// <summary>gRPC over HTTP2, "Status-Message": all but printable ASCII, and the percent sign, is escaped.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= 0x20 and <= 0x7e and not (byte)'%')
                escaped.Append((char)value);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }
        return escaped.ToString();
    }
}

/// <summary>What is logged of calls.</summary>
internal static partial class GrpcLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The call {Method} failed")]
    public static partial void CallFailed(ILogger log, string method, Exception error);
}
