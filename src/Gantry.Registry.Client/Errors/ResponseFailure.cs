using System.Net;
using Gantry.Oci;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Errors;

/// <summary>Makes the error of a failed request: docker's texts where users and scripts know them.</summary>
internal static class ResponseFailure
{
    private static readonly RegistryError s_denied = new("DENIED", "requested access to the resource is denied");

    internal static async Task<RegistryException> ReadAsync(
        RegistryResponse response, RegistryRequest request, RegistrySubject subject, DateTimeOffset now, CancellationToken cancellation)
    {
        var errors = await response.ReadErrorsAsync(cancellation);
        // A token was made out for less than was asked for: the repository is another's, or there is none.
        var insufficient = response.Status == HttpStatusCode.Unauthorized
            && response.Message.Headers.WwwAuthenticate.Any(challenge =>
            challenge.Parameter?.Contains("insufficient_scope", StringComparison.Ordinal) == true);
        if (insufficient)
            errors = [s_denied, .. errors.Where(error => error.Code is not ("DENIED" or "UNAUTHORIZED"))];
        var (kind, message) = Describe(response, request, subject, errors, response.RetryAfter(now));
        return new RegistryException(kind, subject, message) { Status = response.Status, Errors = errors,
            RetryAfter = response.RetryAfter(now) };
    }

    private static (ErrorKind Kind, string Message) Describe(
        RegistryResponse response, RegistryRequest request, RegistrySubject subject, IReadOnlyList<RegistryError> errors,
        TimeSpan? retryAfter)
    {
        var code = errors.Count > 0 ? errors[0].Code : "";
        var text = errors.Count switch { 0 => null, 1 => errors[0].ToString(), _ => "errors:\n" + string.Join('\n', errors) };
        var address = $"{Verb(request)} \"{response.Address.GetLeftPart(UriPartial.Path)}\"";
        switch (response.Status)
        {
            case HttpStatusCode.TooManyRequests:
                var wait = retryAfter is { } time ? $" (the registry asks to come back in {time.TotalSeconds:0} seconds)" : "";
                return (ErrorKind.Unavailable, $"{subject}: {text ?? "toomanyrequests: too many requests"}{wait}");
            case HttpStatusCode.Forbidden:
            case HttpStatusCode.Unauthorized when code == "DENIED":
                return Denied(request.Action, subject, text ?? s_denied.ToString());
            case HttpStatusCode.Unauthorized:
                return (ErrorKind.Unauthorized, $"{address}: {text ?? "unauthorized: authentication required"}");
            case HttpStatusCode.NotFound:
                return (ErrorKind.NotFound, Missing(request, subject, code, text, address));
            case HttpStatusCode.MethodNotAllowed when request.Action == RegistryAction.Delete:
                return (ErrorKind.Forbidden, $"{subject}: the registry does not allow deletions: {text ?? "unsupported"}");
        }
        var status = $"received unexpected HTTP status: {(int)response.Status} {response.Message.ReasonPhrase}".TrimEnd();
        var kind = RetryPolicy.IsPassing(response.Status) ? ErrorKind.Unavailable : ErrorKind.System;
        return (kind, text is null ? $"{address}: {status}" : $"{address}: {text} ({status})");
    }

    private static (ErrorKind Kind, string Message) Denied(RegistryAction action, RegistrySubject subject, string text) => action switch
    {
        RegistryAction.FetchManifest or RegistryAction.FetchBlob when subject.Repository is not null => (ErrorKind.NotFound,
            $"pull access denied for {subject.FamiliarName}, repository does not exist or may require 'docker login': {text}"),
        RegistryAction.Push => (ErrorKind.Forbidden, $"push access denied for {subject.FamiliarName}: {text}"),
        _ => (ErrorKind.Forbidden, $"{subject}: {text}"),
    };

    private static string Missing(RegistryRequest request, RegistrySubject subject, string code, string? text, string address) =>
        request.Action switch
    {
        _ when code == "NAME_UNKNOWN" => $"repository {subject.FamiliarName} not found: {text}",
        RegistryAction.FetchManifest => $"manifest for {subject.Familiar} not found: {text ?? "manifest unknown: manifest unknown"}",
        RegistryAction.FetchBlob => $"{subject}: {text ?? "blob unknown: blob unknown to registry"}",
        _ => $"{address}: {text ?? "not found"}",
    };

    private static string Verb(RegistryRequest request) => request.Method.Method[0] + request.Method.Method[1..].ToLowerInvariant();
}
