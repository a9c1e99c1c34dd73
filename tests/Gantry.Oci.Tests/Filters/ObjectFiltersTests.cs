using Gantry.Oci.Filters;

namespace Gantry.Oci.Tests.Filters;

public class ObjectFiltersTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["a"] = "1", ["b"] = "" };

    [Theory]
    [InlineData("{\"label\":[\"a=1\",\"b\"],\"name\":[\"x\"]}")]
    [InlineData("{\"label\":{\"a=1\":true,\"b\":true,\"c\":false},\"name\":{\"x\":true}}")]
    public void Both_forms_are_read(string json)
    {
        var filters = ObjectFilters.Parse(json);
        Assert.Equal(["a=1", "b"], filters["label"]);
        Assert.Equal(["x"], filters["name"]);
        Assert.True(filters.MatchesLabels(Labels));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":[1]}")]
    [InlineData("{\"a\"")]
    public void Anything_else_is_refused(string json) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => ObjectFilters.Parse(json)).Kind);

    [Fact]
    public void Labels_must_all_match_and_can_be_negated()
    {
        Assert.False(ObjectFilters.Of(("label", "a"), ("label", "c")).MatchesLabels(Labels));
        Assert.False(ObjectFilters.Of(("label", "a=2")).MatchesLabels(Labels));
        Assert.False(ObjectFilters.Of(("label!", "a")).MatchesLabels(Labels));
        Assert.True(ObjectFilters.Of(("label!", "a=2")).MatchesLabels(Labels));
        Assert.False(ObjectFilters.Of(("label", "a")).MatchesLabels(null));
    }

    [Fact]
    public void Flags_and_unknown_keys_have_dockers_errors()
    {
        Assert.Null(ObjectFilters.None.Flag("dangling"));
        Assert.True(ObjectFilters.Of(("dangling", "1")).Flag("dangling"));
        Assert.False(ObjectFilters.Of(("dangling", "false")).Flag("dangling"));
        Assert.Equal("invalid filter 'dangling=[x]'", Assert.Throws<GantryException>(() => ObjectFilters.Of(("dangling", "x")).Flag("dangling")).Message);
        Assert.Equal("invalid filter 'foo'", Assert.Throws<GantryException>(() => ObjectFilters.Of(("foo", "x")).Validate("name")).Message);
    }

    [Fact]
    public void Patterns_are_found_anywhere_and_malformed_ones_nowhere()
    {
        Assert.True(ObjectFilters.Of(("name", "b.d")).MatchesPattern("name", "abcd"));
        Assert.False(ObjectFilters.Of(("name", "^b")).MatchesPattern("name", "abcd"));
        Assert.False(ObjectFilters.Of(("name", "(")).MatchesPattern("name", "abcd"));
        Assert.True(ObjectFilters.None.MatchesPattern("name", "abcd"));
    }
}
