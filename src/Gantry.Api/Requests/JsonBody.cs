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
    private const long OfObject = 256, OfValue = 64;

    public static async ValueTask<T> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, ApiLimits limits, MemoryShare memory, CancellationToken cancellation) where T : class =>
        await ReadOptionalAsync(request, type, limits, memory, cancellation)
            ?? throw GantryException.Invalid("invalid JSON: got EOF while reading request body");

    public static async ValueTask<T?> ReadOptionalAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, ApiLimits limits, MemoryShare memory, CancellationToken cancellation) where T : class
    {
        if (IsAbsent(request)) return null;
        CheckContentType(request.ContentType);
        var bytes = await ReadInTimeAsync(request, limits, memory, cancellation);
        if (IsBlank(bytes.WrittenSpan)) return null;
        memory.Take(SizeWhenRead(bytes.WrittenSpan));
        return Decode(bytes.WrittenMemory, type);
    }

    /// <summary>Whether a request has no body.</summary>
    public static bool IsAbsent(HttpRequest request) =>
        request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0);

    /// <summary>At most so many bytes are objects, lists and texts that a document becomes: `[{},{},{}]` takes forty times its length.</summary>
    private static long SizeWhenRead(ReadOnlySpan<byte> document) =>
        (2L * document.Length) + (OfObject * document.Count((byte)'{')) + (OfValue * document.Count((byte)','));

    private static void CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType)) throw GantryException.Invalid("malformed Content-Type header (): mime: no media type");
        var mediaType = contentType.AsSpan(0, contentType.IndexOf(';') is >= 0 and var end ? end : contentType.Length).Trim();
        if (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Invalid($"unsupported Content-Type header ({contentType}): must be 'application/json'");
    }

    private static async ValueTask<ArrayBufferWriter<byte>> ReadInTimeAsync(
        HttpRequest request, ApiLimits limits, MemoryShare memory, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limits.BodyTime);
        try
        {
            return await ReadAllAsync(request, limits.JsonBody, memory, late.Token);
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

    private static async ValueTask<ArrayBufferWriter<byte>> ReadAllAsync(HttpRequest request, int longest, MemoryShare memory, CancellationToken cancellation)
    {
        if (request.ContentLength > longest) throw TooLong(longest);
        // What is announced need not come: memory is taken for what has come.
        var bytes = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 0, 1, 64 * 1024));
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellation);
            // What it is copied to grows by doubling.
            memory.Take(2 * result.Buffer.Length);
            foreach (var segment in result.Buffer) bytes.Write(segment.Span);
            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (bytes.WrittenCount > longest) throw TooLong(longest);
            if (result.IsCompleted) return bytes;
        }
    }

    private static GantryException TooLong(int longest) => GantryException.Invalid($"the request body is longer than {longest} bytes");

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(" \t\r\n"u8);

    private static T? Decode<T>(ReadOnlyMemory<byte> document, JsonTypeInfo<T> type) where T : class
    {
        CheckWhole(document.Span);
        // To Go, null is a document in which nothing is said.
        var reader = new Utf8JsonReader(document.Span.Trim(" \t\r\n"u8).SequenceEqual("null"u8) ? "{}"u8 : document.Span);
        try
        {
            return JsonSerializer.Deserialize(ref reader, type);
        }
        catch (JsonException exception)
        {
            throw GantryException.Invalid($"invalid JSON: {JsonMismatch.Tell(document, type, exception.Path)}", exception);
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
            throw GantryException.Invalid($"invalid JSON: {JsonComplaint.Of(bytes) ?? exception.Message}", exception);
        }
    }
}
