using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>A question that is answered with an array, whose elements can be had while the daemon makes the next ones.</summary>
public sealed class PendingList<T> : PendingAnswer
{
    private readonly Func<JsonTypeInfo<T>> _type;

    // What describes the type is made while the daemon works: for a wide one that takes as long as a hundred elements.
    internal PendingList(EngineClient client, HttpRequest request, SentRequest sent, Func<JsonTypeInfo<T>> type)
        : base(client, request, sent) => _type = type;

    /// <summary>Reads all elements, once.</summary>
    /// <exception cref="ClientException">The daemon answers with an error.</exception>
    /// <exception cref="IOException">The answer is not what it should be.</exception>
    public async Task<IReadOnlyList<T>> ReadAsync(CancellationToken cancellation = default)
    {
        var elements = new List<T>();
        await ReadEachAsync(elements.Add, cancellation).ConfigureAwait(false);
        return elements;
    }

    /// <summary>Reads each element as soon as it is here, once.</summary>
    /// <exception cref="ClientException">The daemon answers with an error.</exception>
    /// <exception cref="IOException">The answer is not what it should be.</exception>
    public async Task ReadEachAsync(Action<T> each, CancellationToken cancellation = default)
    {
        var type = _type();
        using var exchange = await OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            await foreach (var element in JsonSerializer.DeserializeAsyncEnumerable(exchange.Body, type, cancellation).ConfigureAwait(false))
                each(element ?? throw new JsonException("an element is null"));
        }
        catch (JsonException error)
        {
            throw EngineClient.NotUnderstood(Request, error);
        }
    }
}
