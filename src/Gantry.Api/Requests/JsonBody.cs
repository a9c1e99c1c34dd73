using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Requests;

/// <summary>Reads JSON bodies: bounded, `application/json` only, one document and nothing after it.</summary>
internal static class JsonBody
{
    /// <summary>More than any configuration needs; what is longer is an attack or a mistake.</summary>
    private const int LongestBody = 8 * 1024 * 1024;

    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellation) where T : class =>
        await ReadOptionalAsync(request, type, cancellation) ?? throw GantryException.Invalid("invalid JSON: got EOF while reading request body");

    public static async ValueTask<T?> ReadOptionalAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellation) where T : class
    {
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)) return null;
        CheckContentType(request.ContentType);
        var bytes = await ReadAllAsync(request, cancellation);
        return IsBlank(bytes.WrittenSpan) ? null : Decode(bytes.WrittenSpan, type);
    }

    private static void CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType)) throw GantryException.Invalid("malformed Content-Type header (): mime: no media type");
        var mediaType = contentType.AsSpan(0, contentType.IndexOf(';') is >= 0 and var end ? end : contentType.Length).Trim();
        if (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Invalid($"unsupported Content-Type header ({contentType}): must be 'application/json'");
    }

    private static async ValueTask<ArrayBufferWriter<byte>> ReadAllAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > LongestBody) throw TooLong();
        var bytes = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096));
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellation);
            foreach (var segment in result.Buffer) bytes.Write(segment.Span);
            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (bytes.WrittenCount > LongestBody) throw TooLong();
            if (result.IsCompleted) return bytes;
        }
    }

    private static GantryException TooLong() => GantryException.Invalid($"the request body is longer than {LongestBody} bytes");

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(" \t\r\n"u8);

    private static T? Decode<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type) where T : class
    {
        CheckWhole(bytes);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            return JsonSerializer.Deserialize(ref reader, type);
        }
        catch (JsonException exception)
        {
            var subject = exception.Path is { Length: > 2 } path ? $"{path[2..]} is" : "the document is";
            throw GantryException.Invalid($"invalid JSON: {subject} not of the expected type", exception);
        }
    }

    /// <summary>Refuses what is no JSON, stops too early, or goes on after the first document.</summary>
    private static void CheckWhole(ReadOnlySpan<byte> bytes)
    {
        // Told that more may come, the reader says "not yet" instead of failing where a document stops too early.
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        try
        {
            if (!reader.Read() || !reader.TrySkip()) throw GantryException.Invalid("invalid JSON: unexpected EOF");
        }
        catch (JsonException exception)
        {
            throw GantryException.Invalid($"invalid JSON: {exception.Message}", exception);
        }
        if (!IsBlank(bytes[(int)reader.BytesConsumed..])) throw GantryException.Invalid("unexpected content after JSON");
    }
}
