using Gantry.Build.Dockerfile;

namespace Gantry.Build.Tests.Dockerfile;

public class WordExpanderTests
{
    private static readonly Dictionary<string, string> s_variables = new()
    {
        ["HOME"] = "/root", ["EMPTY"] = "", ["FILE"] = "archive.tar.gz", ["PATHS"] = "/a/b/c", ["WORDS"] = "one two",
    };

    [Theory]
    [InlineData("$HOME/x", "/root/x")]
    [InlineData("${HOME}x", "/rootx")]
    [InlineData("a$UNSET-b", "a-b")]
    [InlineData("${UNSET:-word}", "word")]
    [InlineData("${EMPTY:-word}", "word")]
    [InlineData("${EMPTY-word}", "")]
    [InlineData("${UNSET-word}", "word")]
    [InlineData("${HOME:+word}", "word")]
    [InlineData("${EMPTY:+word}", "")]
    [InlineData("${EMPTY+word}", "word")]
    [InlineData("${UNSET:-${HOME}/x}", "/root/x")]
    [InlineData("${FILE#*.}", "tar.gz")]
    [InlineData("${FILE##*.}", "gz")]
    [InlineData("${FILE%.*}", "archive.tar")]
    [InlineData("${FILE%%.*}", "archive")]
    [InlineData("${PATHS/\\//-}", "-a/b/c")]
    [InlineData("${PATHS//\\//-}", "-a-b-c")]
    [InlineData("\\$HOME", "$HOME")]
    [InlineData("'$HOME'", "$HOME")]
    [InlineData("\"$HOME\"", "/root")]
    [InlineData("\"\\$HOME\"", "$HOME")]
    [InlineData("a\\ b", "a b")]
    [InlineData("\"a'b\"", "a'b")]
    [InlineData("$", "$")]
    [InlineData("a$ b", "a$ b")]
    public void Words_are_expanded_as_a_shell_does(string word, string expected) => Assert.Equal(expected, New().Expand(word));

    [Theory]
    [InlineData("${UNSET:?it is needed}", "UNSET: it is needed")]
    [InlineData("${EMPTY:?}", "EMPTY: is not allowed to be unset")]
    public void A_variable_that_must_be_set_is_an_error(string word, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => New().Expand(word)).Message);

    [Theory]
    [InlineData("${HOME")]
    [InlineData("${}")]
    [InlineData("'open")]
    [InlineData("\"open")]
    [InlineData("${HOME:=x}")]
    public void Malformed_words_are_errors(string word) => Assert.Throws<FormatException>(() => New().Expand(word));

    [Fact]
    public void Values_split_to_words_unless_they_are_quoted()
    {
        Assert.Equal(["one", "two"], New().ExpandToWords("$WORDS"));
        Assert.Equal(["one two"], New().ExpandToWords("\"$WORDS\""));
        Assert.Empty(New().ExpandToWords("$EMPTY"));
    }

    [Fact]
    public void What_is_not_set_is_told()
    {
        var expander = New();
        expander.Expand("$MISSING ${OTHER} ${TESTED:-x}");
        Assert.Equal(["MISSING", "OTHER"], expander.Unset.Order());
    }

    private static WordExpander New() => new('\\', name => s_variables.GetValueOrDefault(name));
}
