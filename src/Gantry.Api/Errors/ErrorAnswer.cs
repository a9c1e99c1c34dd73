using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Oci;
using Gantry.Os;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Errors;

/// <summary>The one place where errors become HTTP answers.</summary>
internal static class ErrorAnswer
{
    /// <summary>The HTTP status of an error.</summary>
    public static int StatusOf(Exception exception) => exception switch
    {
        GantryException known => StatusOf(known.Kind),
        BadHttpRequestException malformed => malformed.StatusCode,
        OutOfMemoryException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>What the caller is told: the error's own words, and for a full disk or memory what to do.</summary>
    public static string MessageOf(Exception exception) =>
        exception is OutOfMemoryException
            ? "the daemon has no memory left for this request: try again later, or let it have more (MemoryMax= of its systemd unit, or the memory of the machine)"
        : IsOfFullDisk(exception)
            ? $"{exception.Message}: that file system has no free space or no free inodes (df -h, df -i); make room, "
                + "e.g. with `container prune`, `image prune` or `volume prune`, and try again"
        : exception.Message;

    /// <summary>Answers with the status and `{"message": ...}`; a 304 has no body.</summary>
    public static Task WriteAsync(ApiCall call, int status, string message) =>
        status == StatusCodes.Status304NotModified
            ? call.AnswerAsync(status)
            : call.AnswerAsync(status, new ErrorResponse { Message = message }, ApiJson.Wire.ErrorResponse);

    /// <summary>Answers with the status and a line of text.</summary>
    public static async Task WriteTextAsync(ApiCall call, int status, string message)
    {
        var response = call.Http.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        var text = System.Text.Encoding.UTF8.GetBytes(message + "\n");
        response.ContentLength = text.Length;
        await response.BodyWriter.WriteAsync(text, call.Aborted);
    }

    // Exceptions of .NET's own file functions have the number in place of an HResult.
    private static bool IsOfFullDisk(Exception exception) => exception switch
    {
        OsException os => os.Errno == Errno.ENOSPC || os.Errno == Errno.EDQUOT,
        IOException io when io.HResult == Errno.ENOSPC.Value || io.HResult == Errno.EDQUOT.Value => true,
        { InnerException: { } cause } => IsOfFullDisk(cause),
        _ => false,
    };

    private static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => StatusCodes.Status400BadRequest,
        ErrorKind.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.NotModified => StatusCodes.Status304NotModified,
        ErrorKind.NotImplemented => StatusCodes.Status501NotImplemented,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
