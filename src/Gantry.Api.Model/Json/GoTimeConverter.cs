using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Times as Go prints them: RFC 3339 in UTC, fraction without trailing zeros, `0001-01-01T00:00:00Z` for "never".</summary>
internal sealed class GoTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(GoTime.Format(value));

    public override bool HandleNull => true;
}

/// <summary>The text form of a time in docker's answers.</summary>
public static class GoTime
{
    /// <summary>RFC 3339 in UTC with as many fraction digits as are not zero (Go's RFC3339Nano).</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);
}
