using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Compose.Tests;

public class TextTests
{
    [Theory]
    [InlineData("1m30s", 90_000_000_000L, "1m30s")]
    [InlineData("1h", 3_600_000_000_000L, "1h0m0s")]
    [InlineData("1.5s", 1_500_000_000L, "1.5s")]
    [InlineData("250ms", 250_000_000L, "250ms")]
    [InlineData("1d12h", 129_600_000_000_000L, "36h0m0s")]
    [InlineData("0", 0L, "0s")]
    public void Durations_are_read_and_written(string text, long nanoseconds, string written)
    {
        Assert.Equal(nanoseconds, DurationText.Parse(text));
        Assert.Equal(written, DurationText.Format(nanoseconds));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("")]
    [InlineData("1x")]
    public void What_is_no_duration_is_none(string text) => Assert.Null(DurationText.Parse(text));

    [Theory]
    [InlineData("a b", "a|b")]
    [InlineData("a 'b c' \"d e\"", "a|b c|d e")]
    [InlineData("a\\ b", "a b")]
    [InlineData("echo '' x", "echo||x")]
    [InlineData("a; b", "a")]
    public void Commands_are_split(string text, string words) => Assert.Equal(words.Split('|'), CommandWords.Split(text));

    [Fact]
    public void A_quote_that_is_not_closed_is_told() => Assert.Throws<ComposeException>(() => CommandWords.Split("a 'b"));

    [Fact]
    public void Files_of_variables_are_read()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        VariableFileParser.Parse("A=1\n# note\nexport B='x $A'\nC=\"y ${A}\\n\"\nD=z # note\nE:f\nFROM\nG=${OUT:-d}\n", variables, static name =>
            name == "FROM" ? "outside" : null);
        Assert.Equal(
            [("A", "1"), ("B", "x $A"), ("C", "y 1\n"), ("D", "z"), ("E", "f"), ("FROM", "outside"), ("G", "d")],
            variables.Select(static variable => (variable.Key, variable.Value)));
    }

    [Theory]
    [InlineData("A B=1\n", "line 1: key cannot contain a space")]
    [InlineData("A=1\nB='x\n", "unterminated quoted value")]
    [InlineData("A!=1\n", "unexpected character \"!\"")]
    public void Mistakes_in_them_are_told(string text, string expected) => Assert.Contains(
        expected, Assert.Throws<ComposeException>(() => VariableFileParser.Parse(text, new Dictionary<string, string>(), static _ => null)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "x/a.log", false)]
    [InlineData("**/*.log", "x/y/a.log", true)]
    [InlineData("node_modules", "node_modules/x/y", true)]
    [InlineData("/x/", "x", true)]
    [InlineData("a?c", "abc", true)]
    public void Patterns_of_ignored_files_match(string pattern, string path, bool excluded) => Assert.Equal(excluded, IgnoreRules.Of([pattern]).Excludes(path));

    [Fact]
    public void The_last_pattern_counts() =>
        Assert.Equal((true, false), (IgnoreRules.Of(["*", "!keep"]).Excludes("other"), IgnoreRules.Of(["*", "!keep"]).Excludes("keep")));

    [Fact]
    public void Output_is_written_line_by_line_with_names()
    {
        var output = new StringWriter();
        var printer = new LogPrinter(output, output, colors: false, prefix: true);
        printer.Register("longer-1");
        using (var stream = printer.Open("a-1", isError: false))
        {
            stream.Write("one\ntw"u8);
            stream.Write("o\nthree"u8);
        }
        Assert.Equal("a-1       | one\na-1       | two\na-1       | three\n", output.ToString());
    }
}
