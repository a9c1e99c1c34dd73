using System.Text;
using System.Text.Json;
using Gantry.Engine.Logs;

namespace Gantry.Engine.Tests.Logs;

public class JsonTextTests
{
    [Fact]
    public void Any_string_comes_out_as_it_went_in()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => RandomRune(random).ToString()));
            // Half of them with every character beyond ASCII escaped, as pairs where need be, half with as few escapes as can be.
            var options = new JsonSerializerOptions
            {
                Encoder = i % 2 == 0 ? null : System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            };
            var line = Encoding.UTF8.GetBytes($"{{\"log\":{JsonSerializer.Serialize(text, options)},\"stream\":\"stderr\",\"time\":\"2026-01-01T00:00:00Z\"}}");
            Assert.True(JsonLogLine.TryParse(line, out var parsed));
            Assert.True(parsed.IsError);
            Assert.Equal(text, TextOf(parsed));
        }
    }

    [Theory]
    [InlineData("""\ud83d""", "\ufffd")]
    [InlineData("""\ud83dx""", "\ufffdx")]
    [InlineData("""\ud83d\u0041""", "\ufffdA")]
    [InlineData("""\u12""", "u12")]
    [InlineData("""a\""", "a\\")]
    [InlineData("""\b\f\t\/""", "\b\f\t/")]
    public void Broken_escapes_do_no_harm(string escaped, string text) => Assert.Equal(text, Unescape(Encoding.UTF8.GetBytes(escaped)));

    [Fact]
    public void Random_bytes_do_no_harm()
    {
        var random = new Random(2);
        var pieces = new[] { "{\"log\":\"", "\\", "\"", "\",\"stream\":\"stdout\",", "\"time\":\"", "Z\"}", "\"attrs\":{", "},", "x", "\\u", "00" };
        for (var i = 0; i < 20_000; i++)
        {
            var line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => random.GetItems(pieces, 1)[0])));
            if (!JsonLogLine.TryParse(line, out var parsed))
                continue;
            Assert.InRange(parsed.WriteText(new byte[parsed.LongestText]), 0, parsed.LongestText);
            parsed.ReadAttributes();
            parsed.TryGetTime(out _);
        }
    }

    [Theory]
    [InlineData("2026-02-28T23:59:59.5Z", 500_000_000)]
    [InlineData("2026-02-28T23:59:59Z", 0)]
    [InlineData("2026-02-28T23:59:59.123456789Z", 123_456_789)]
    public void Times_are_read_to_the_nanosecond(string text, long fraction)
    {
        Assert.True(LogTime.TryParse(Encoding.ASCII.GetBytes(text), out var time));
        Assert.Equal(LogTime.Of(new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero)) + fraction, time);
        var shown = new byte[LogTime.FixedLength];
        Assert.True(LogTime.TryFormatFixed(Encoding.ASCII.GetBytes(text), shown));
        Assert.Equal($"2026-02-28T23:59:59.{fraction:D9}Z", Encoding.ASCII.GetString(shown));
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
            if (Rune.TryCreate(random.Next(4) switch { 0 => random.Next(32), 1 => random.Next(0x110000), _ => random.Next(32, 127) }, out var rune))
                return rune;
    }

    private static string TextOf(LogLine line)
    {
        var text = new byte[line.LongestText];
        return Encoding.UTF8.GetString(text, 0, line.WriteText(text));
    }

    private static string Unescape(ReadOnlySpan<byte> escaped)
    {
        var text = new byte[escaped.Length];
        return Encoding.UTF8.GetString(text, 0, JsonText.Unescape(escaped, text));
    }
}
