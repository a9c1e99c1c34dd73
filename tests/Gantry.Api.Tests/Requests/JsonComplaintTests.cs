using System.Text;
using Gantry.Api.Requests;

namespace Gantry.Api.Tests.Requests;

/// <summary>Texts as Docker 28.5.2 gives them.</summary>
public class JsonComplaintTests
{
    [Theory]
    [InlineData("{invalid", "invalid character 'i' looking for beginning of object key string")]
    [InlineData("{'a':1}", "invalid character '\\'' looking for beginning of object key string")]
    [InlineData("{\"a\":1,}", "invalid character '}' looking for beginning of object key string")]
    [InlineData("{\"a\":}", "invalid character '}' looking for beginning of value")]
    [InlineData("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')")]
    [InlineData("{\"a\":\"\u0001\"}", "invalid character '\\x01' in string")]
    [InlineData("{\"a\":\"\\q\"}", "invalid escape sequence `\\q` in string")]
    [InlineData("{\"a\":01}", "invalid character '1' after object key:value pair")]
    [InlineData("{\"a\":1 \"b\":2}", "invalid character '\"' after object key:value pair")]
    [InlineData("{\"a\":-}", "invalid character '}' in numeric literal")]
    [InlineData("[1 2]", "invalid character '2' after array element")]
    [InlineData("{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("{\"a\":\"\\u00g0\"}", "invalid character 'g' in \\u hexadecimal character escape")]
    [InlineData("é", "invalid character 'é' looking for beginning of value")]
    [InlineData("{\"a\"", "unexpected EOF")]
    [InlineData("nul", "unexpected EOF")]
    public void The_first_mistake_is_told_in_the_words_of_Go(string text, string complaint) =>
        Assert.Equal(complaint, JsonComplaint.Of(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_is_nested_too_deep_is_told()
    {
        Assert.Null(JsonComplaint.Of(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64) + "")));
        Assert.Equal("exceeded max depth", JsonComplaint.Of(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", 1_000_000)))));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" [1, -2.5e+3, 0, \"\\u00e9\\n\", null, true, {\"a\": []}] ")]
    public void What_is_JSON_has_none(string text) => Assert.Null(JsonComplaint.Of(Encoding.UTF8.GetBytes(text)));
}
