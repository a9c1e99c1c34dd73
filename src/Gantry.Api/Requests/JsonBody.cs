using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Hosting;
using Gantry.Oci;
using Gantry.Oci.Json;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Requests;

/// <summary>Reads JSON bodies: bounded, `application/json` only, one document and nothing after it.</summary>
internal static class JsonBody
{
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, ApiLimits limits, CancellationToken cancellation) where T : class =>
        await ReadOptionalAsync(request, type, limits, cancellation) ?? throw GantryException.Invalid("invalid JSON: got EOF while reading request body");

    public static async ValueTask<T?> ReadOptionalAsync<T>(HttpRequest request, JsonTypeInfo<T> type, ApiLimits limits, CancellationToken cancellation) where T : class
    {
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0)) return null;
        CheckContentType(request.ContentType);
        var bytes = await ReadInTimeAsync(request, limits, cancellation);
        return IsBlank(bytes.WrittenSpan) ? null : Decode(bytes.WrittenSpan, type);
    }

    private static void CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType)) throw GantryException.Invalid("malformed Content-Type header (): mime: no media type");
        var mediaType = contentType.AsSpan(0, contentType.IndexOf(';') is >= 0 and var end ? end : contentType.Length).Trim();
        if (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Invalid($"unsupported Content-Type header ({contentType}): must be 'application/json'");
    }

    private static async ValueTask<ArrayBufferWriter<byte>> ReadInTimeAsync(HttpRequest request, ApiLimits limits, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limits.BodyTime);
        try
        {
            return await ReadAllAsync(request, limits.JsonBody, late.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // What may still come would be taken for the next request.
            request.HttpContext.Response.Headers.Connection = "close";
            throw GantryException.Invalid($"the request body did not arrive within {limits.BodyTime.TotalSeconds:0} seconds");
        }
        catch (IOException exception) when (exception is not BadHttpRequestException && !cancellation.IsCancellationRequested)
        {
            // Kestrel's for chunks whose length is no number of its size.
            throw GantryException.Invalid($"the request body cannot be read: {exception.Message}", exception);
        }
    }

    private static async ValueTask<ArrayBufferWriter<byte>> ReadAllAsync(HttpRequest request, int longest, CancellationToken cancellation)
    {
        if (request.ContentLength > longest) throw TooLong(longest);
        // What is announced need not come: memory is taken for what has come.
        var bytes = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 0, 1, 64 * 1024));
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellation);
            foreach (var segment in result.Buffer) bytes.Write(segment.Span);
            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (bytes.WrittenCount > longest) throw TooLong(longest);
            if (result.IsCompleted) return bytes;
        }
    }

    private static GantryException TooLong(int longest) => GantryException.Invalid($"the request body is longer than {longest} bytes");

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
            if (!IsBlank(bytes[(int)reader.BytesConsumed..])) throw GantryException.Invalid("unexpected content after JSON");
            ForeignJson.Verify(bytes);
        }
        catch (JsonException exception)
        {
            throw GantryException.Invalid($"invalid JSON: {exception.Message}", exception);
        }
    }
}
