using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Requests;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Streams;

/// <summary>An answer of JSON documents, a line each, sent as soon as written. After it is open, errors can only be told in it.</summary>
internal sealed class JsonStream
{
    private readonly PipeWriter _output;
    private readonly CancellationToken _aborted;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private JsonStream(ApiCall call)
    {
        _output = call.Http.Response.BodyWriter;
        _aborted = call.Aborted;
    }

    /// <summary>Sends the head: status 200, and the client sees it now, not with the first document.</summary>
    public static async Task<JsonStream> OpenAsync(ApiCall call)
    {
        var response = call.Http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        // StartAsync alone leaves the head in the pipe.
        await response.BodyWriter.FlushAsync(call.Aborted);
        return new JsonStream(call);
    }

    /// <summary>Sends a document; callers on several threads take turns.</summary>
    public async Task WriteAsync<T>(T document, JsonTypeInfo<T> type)
    {
        await _turn.WaitAsync(_aborted);
        try
        {
            using (var writer = new Utf8JsonWriter(_output, new JsonWriterOptions { Encoder = type.Options.Encoder, SkipValidation = true }))
            {
                JsonSerializer.Serialize(writer, document, type);
            }
            // Docker ends each document with both; some clients read lines, others documents.
            _output.Write("\r\n"u8);
            await _output.FlushAsync(_aborted);
        }
        finally
        {
            _turn.Release();
        }
    }
}
