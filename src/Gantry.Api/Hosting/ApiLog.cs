using Microsoft.Extensions.Logging;

namespace Gantry.Api.Hosting;

/// <summary>What the API logs: only what no answer can carry to whoever runs the daemon.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
    public static partial void RequestFailed(ILogger log, string method, string path, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "API listens on {Address}")]
    public static partial void Listening(ILogger log, string address);
}
