using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Hosting;
using Gantry.Api.Routing;
using Gantry.Oci.Filters;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Requests;

/// <summary>One request with its answer, as endpoints see it: parameters, body, and ways to answer.</summary>
public sealed class ApiCall : IDisposable
{
    private const string JsonContentType = "application/json";

    // How much of an array goes to the client at once.
    private const int PartLength = 16 << 10;

    private readonly IList<KeyValuePair<string, string>> _values;

    private readonly RequestResources _resources;
    private readonly MemoryShare _memory;

    internal ApiCall(HttpContext http, ApiVersion version, IList<KeyValuePair<string, string>> values, RequestResources resources)
    {
        _resources = resources;
        _memory = new MemoryShare(resources.Memory);
        Http = http;
        Version = version;
        _values = values;
    }

    /// <summary>The request and response below.</summary>
    public HttpContext Http { get; }

    /// <summary>The version that the client speaks.</summary>
    public ApiVersion Version { get; }

    /// <summary>A label that whatever is listed must have, as the policy of the socket wants it; null: none.</summary>
    internal string? RequiredLabel { get; set; }

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A parameter of the path.</summary>
    /// <param name="name">Its name in the route's template.</param>
    public string Path(string name)
    {
        foreach (var (key, value) in _values)
        {
            if (key == name) return value;
        }
        throw new ArgumentException($"the route has no parameter {name}", nameof(name));
    }

    /// <summary>Gives back what the request held.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Replaces a parameter of the path.</summary>
    internal void Pin(string name, string value)
    {
        for (var i = 0; i < _values.Count; i++)
        {
            if (_values[i].Key == name) _values[i] = new(name, value);
        }
    }

    /// <summary>The first value of a query parameter; empty when absent, as docker makes no difference between the two.</summary>
    public string Query(string name) => Http.Request.Query.TryGetValue(name, out var values) && values is [var first, ..] ? first ?? "" : "";

    /// <summary>All values of a query parameter that may be given more than once.</summary>
    public IReadOnlyList<string> QueryAll(string name) =>
        Http.Request.Query.TryGetValue(name, out var values) ? [.. values.Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)] : [];

    /// <summary>A yes-or-no query parameter; see <see cref="QueryValue.IsTrue"/>.</summary>
    public bool Flag(string name) => QueryValue.IsTrue(Query(name));

    /// <summary>A yes-or-no query parameter with a default for when it is absent.</summary>
    public bool Flag(string name, bool absent) => Http.Request.Query.ContainsKey(name) ? Flag(name) : absent;

    /// <summary>A whole number in the query; null when absent.</summary>
    /// <exception cref="Oci.GantryException">It is not a number (400).</exception>
    public long? Number(string name) => QueryValue.Number(name, Query(name));

    /// <summary>The `filters` parameter, whose keys must be among <paramref name="known"/>.</summary>
    /// <exception cref="Oci.GantryException">It is malformed, or has another key (400).</exception>
    public ObjectFilters Filters(params ReadOnlySpan<string> known)
    {
        var filters = ObjectFilters.Parse(Query("filters"));
        filters.Validate(known);
        return RequiredLabel is { } label ? filters.With("label", label) : filters;
    }

    /// <summary>Reads a JSON body.</summary>
    /// <exception cref="Oci.GantryException">Another content type, malformed JSON, or too long (400); no memory for it (503).</exception>
    public ValueTask<T> ReadJsonAsync<T>(JsonTypeInfo<T> type) where T : class => JsonBody.ReadAsync(Http.Request, type, _resources.Limits, _memory, Aborted);

    /// <summary>Reads a JSON body; without one, nothing is said.</summary>
    /// <exception cref="Oci.GantryException">Another content type, malformed JSON, or too long (400); no memory for it (503).</exception>
    public async ValueTask<T> ReadJsonOrNothingAsync<T>(JsonTypeInfo<T> type) where T : class, new() =>
        JsonBody.IsAbsent(Http.Request) ? new T() : await ReadJsonAsync(type);

    /// <summary>Reads a JSON body that may be absent: null then.</summary>
    /// <exception cref="Oci.GantryException">Another content type, malformed JSON, or too long (400); no memory for it (503).</exception>
    public ValueTask<T?> ReadOptionalJsonAsync<T>(JsonTypeInfo<T> type) where T : class =>
        JsonBody.ReadOptionalAsync(Http.Request, type, _resources.Limits, _memory, Aborted);

    /// <summary>The archive in the body; to be disposed when it was read.</summary>
    /// <exception cref="Oci.GantryException">Too many are being received (503).</exception>
    public Stream OpenArchive() => _resources.Uploads.Open(Http);

    /// <summary>Answers with a status and no body.</summary>
    public Task AnswerAsync(int status)
    {
        Http.Response.StatusCode = status;
        // Clients of docker know an empty answer by its length; a 204 or 304 must not carry one (RFC 9110).
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)) Http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Answers 200 with a document.</summary>
    public Task AnswerAsync<T>(T document, JsonTypeInfo<T> type) => AnswerAsync(StatusCodes.Status200OK, document, type);

    /// <summary>Answers with a status and a document, followed by a line feed as docker's are.</summary>
    public async Task AnswerAsync<T>(int status, T document, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = NewWriter(buffer, type))
        {
            JsonSerializer.Serialize(writer, document, type);
        }
        buffer.Write("\n"u8);
        // Held until the client has taken it. What was changed is told in any case.
        if (status < StatusCodes.Status400BadRequest && HttpMethods.IsGet(Http.Request.Method)) _memory.Take(buffer.Capacity);
        await AnswerWholeAsync(status, buffer.WrittenMemory);
    }

    /// <summary>
    /// Answers 200 with an array whose elements are made one by one as it is written: none of them is held, and the client takes the first while the next
    /// are made. Making one must not fail: the answer would break off.
    /// </summary>
    public async Task AnswerEachAsync<T>(IEnumerable<T> elements, JsonTypeInfo<T> type)
    {
        _memory.Take(PartLength * 2);
        Http.Response.ContentType = JsonContentType;
        var buffer = new ArrayBufferWriter<byte>(1024);
        var begun = false;
        var separator = (byte)'[';
        using var writer = NewWriter(buffer, type);
        foreach (var element in elements)
        {
            buffer.Write([separator]);
            separator = (byte)',';
            JsonSerializer.Serialize(writer, element, type);
            writer.Reset();
            if (buffer.WrittenCount < PartLength || HttpMethods.IsHead(Http.Request.Method)) continue;
            await Http.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, Aborted);
            buffer.ResetWrittenCount();
            begun = true;
        }
        buffer.Write(separator == '[' ? "[]\n"u8 : "]\n"u8);
        if (begun) await Http.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, Aborted);
        else await AnswerWholeAsync(StatusCodes.Status200OK, buffer.WrittenMemory);
    }

    private static Utf8JsonWriter NewWriter(IBufferWriter<byte> output, JsonTypeInfo type) =>
        new(output, new JsonWriterOptions { Encoder = type.Options.Encoder, SkipValidation = true });

    private async Task AnswerWholeAsync(int status, ReadOnlyMemory<byte> body)
    {
        var response = Http.Response;
        response.StatusCode = status;
        response.ContentType = JsonContentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(Http.Request.Method)) await response.BodyWriter.WriteAsync(body, Aborted);
    }
}
