using Gantry.Oci.Filters;

namespace Gantry.Oci.Tests.Filters;

public class PatternListTests
{
    [Theory]
    [InlineData("*.o", "a.o", true)]
    [InlineData("*.o", "d/a.o", false)]
    [InlineData("**/*.o", "a.o", true)]
    [InlineData("**/*.o", "d/e/a.o", true)]
    [InlineData("d", "d/e/f", true)]
    [InlineData("/d/", "d/e", true)]
    [InlineData("d/*", "d/e/f", true)]
    [InlineData("d/*", "d", false)]
    [InlineData("d/**", "d/e/f", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("a\\*", "a*", true)]
    [InlineData("a\\*", "ab", false)]
    [InlineData("./x/../y", "y", true)]
    [InlineData("# comment", "comment", false)]
    [InlineData("**", "a/b", true)]
    [InlineData("*\n!keep", "keep", false)]
    [InlineData("*\n!keep", "other", true)]
    [InlineData("*\n!d/keep", "d/keep", false)]
    [InlineData("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true)]
    [InlineData("*.md\n!README*.md\nREADME-secret.md", "README-1.md", false)]
    [InlineData("foo/**/bar", "foo/bar", true)]
    [InlineData("foo/**/bar", "foo/x/y/bar", true)]
    public void Patterns_say_what_is_left_out(string patterns, string path, bool excluded) =>
        Assert.Equal(excluded, PatternList.Parse(patterns).Excludes(path));

    [Fact]
    public void Folders_are_looked_into_when_something_in_them_may_be_taken_back()
    {
        var patterns = PatternList.Parse("node_modules\n!src/keep/**");
        Assert.True(patterns.MayTakeBackBelow("src"));
        Assert.True(patterns.MayTakeBackBelow("src/keep"));
        Assert.False(patterns.MayTakeBackBelow("node_modules"));
    }

    [Theory]
    [InlineData("!")]
    [InlineData("[a")]
    [InlineData("a\\")]
    public void Malformed_patterns_are_refused(string pattern) => Assert.Throws<GantryException>(() => PatternList.Parse(pattern));
}
