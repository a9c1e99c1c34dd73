using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Oci;
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
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Answers with the status and `{"message": ...}`; a 304 has no body.</summary>
    public static Task WriteAsync(ApiCall call, int status, string message) =>
        status == StatusCodes.Status304NotModified
            ? call.AnswerAsync(status)
            : call.AnswerAsync(status, new ErrorResponse { Message = message }, ApiJson.Wire.ErrorResponse);

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
