using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Tests;

public class OutputTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell() => Assert.Equal(
        "ID         NAMES     X\n12345678   é         y\n1                    last\n",
        new Tabulator().Align("ID\tNAMES\tX\n12345678\té\ty\n1\t\tlast\n"));

    [Fact]
    public void A_line_without_a_column_ends_its_run() => Assert.Equal(
        "aaaaaaaaaaaa   b\nnone\na         b\n",
        new Tabulator().Align("aaaaaaaaaaaa\tb\nnone\na\tb\n"));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(999, "999B")]
    [InlineData(2065215, "2.065MB")]
    [InlineData(209_800_000, "209.8MB")]
    [InlineData(1_500_000_000, "1.5GB")]
    public void Sizes(double bytes, string text) => Assert.Equal(text, HumanText.Size(bytes));

    [Theory]
    [InlineData(0, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(3600 * 47, "47 hours")]
    [InlineData(3600 * 48, "2 days")]
    [InlineData(3600 * 24 * 15, "2 weeks")]
    [InlineData(3600 * 24 * 61, "2 months")]
    [InlineData(3600L * 24 * 366 * 2, "2 years")]
    public void Durations(long seconds, string text) => Assert.Equal(text, HumanText.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Json_is_indented_without_touching_values() => Assert.Equal(
        "{\n    \"a\": [\n        1.50,\n        \"\\u003c\\\"}\"\n    ],\n    \"e\": {},\n    \"l\": []\n}",
        JsonIndenter.Indent("""{"a":[1.50,"\u003c\"}"],"e":{ },"l":[]}"""u8));

    [Theory]
    [InlineData("1700000000", "1700000000")]
    [InlineData("1700000000.5", "1700000000.5")]
    [InlineData("2023-11-14T22:13:20Z", "1700000000.000000000")]
    [InlineData("2023-11-14T22:13:20.123456789Z", "1700000000.123456789")]
    [InlineData("2023-11-15T00:13:20+02:00", "1700000000.000000000")]
    [InlineData("", "")]
    public void Times(string text, string unix) => Assert.Equal(unix, Timestamps.Parse(text));

    [Fact]
    public void What_is_no_time() => Assert.Throws<CommandException>(() => Timestamps.Parse("yesterday"));
}
