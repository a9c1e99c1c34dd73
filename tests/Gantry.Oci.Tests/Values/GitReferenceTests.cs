using Gantry.Oci.Values;

namespace Gantry.Oci.Tests.Values;

public class GitReferenceTests
{
    [Theory]
    [InlineData("https://host/a/b.git", true)]
    [InlineData("http://host/b.git#v1:sub", true)]
    [InlineData("https://host/b.git?tag=v1", true)]
    [InlineData("https://host/b.git/", true)]
    [InlineData("git@host:a/b", true)]
    [InlineData("ssh://git@host/b", true)]
    [InlineData("git://host/b", true)]
    [InlineData("github.com/a/b", true)]
    [InlineData("https://host/b.tar.gz", false)]
    [InlineData("https://host/b?x=.git", false)]
    [InlineData("./b.git", false)]
    [InlineData("/srv/b.git", false)]
    [InlineData("file:///srv/b.git", false)]
    public void A_reference_is_known_by_its_form(string text, bool isOne) => Assert.Equal(isOne, GitReference.IsOne(text));

    [Theory]
    [InlineData("https://h/b.git", "https://h/b.git", "", "")]
    [InlineData("https://h/b.git#v1", "https://h/b.git", "v1", "")]
    [InlineData("https://h/b.git#v1:a/b/", "https://h/b.git", "v1", "a/b")]
    [InlineData("https://h/b.git#:a", "https://h/b.git", "", "a")]
    [InlineData("git@h:a/b.git#main", "git@h:a/b.git", "main", "")]
    [InlineData("github.com/a/b#main:c", "https://github.com/a/b", "main", "c")]
    [InlineData("https://h/b.git?ref=x&subdir=/a/", "https://h/b.git", "x", "a")]
    [InlineData("https://h/b.git?tag=v1", "https://h/b.git", "refs/tags/v1", "")]
    [InlineData("https://h/b.git?branch=a%2Fb", "https://h/b.git", "refs/heads/a/b", "")]
    [InlineData("https://h/b.git?subdir=a#v1", "https://h/b.git", "v1", "a")]
    public void A_revision_and_a_folder_are_read_in_both_forms(string text, string remote, string revision, string folder)
    {
        var reference = GitReference.Parse(text);
        Assert.Equal((remote, revision, folder), (reference.Remote, reference.Revision, reference.Subfolder));
    }

    [Fact]
    public void What_else_is_said_is_read()
    {
        var reference = GitReference.Parse("https://h/b.git?commit=abc&keep-git-dir&submodules=0&fetch-by-commit=true&mtime=commit");
        Assert.Equal("abc", reference.Commit);
        Assert.True(reference is { KeepsGitFolder: true, HasSubmodules: false, FetchesCommit: true, HasCommitTimes: true });
        Assert.True(GitReference.Parse("https://h/b.git") is { KeepsGitFolder: null, HasSubmodules: true, FetchesCommit: false, HasCommitTimes: false });
    }

    [Theory]
    [InlineData("git@h:b", true)]
    [InlineData("ssh://h/b", true)]
    [InlineData("https://h/b.git", false)]
    [InlineData("git://h/b", false)]
    public void What_is_reached_by_SSH_is_known(string text, bool usesSsh) => Assert.Equal(usesSsh, GitReference.Parse(text).UsesSsh);

    [Theory]
    [InlineData("?nope=1", "unexpected query \"nope\": ref, tag, branch, commit, subdir, keep-git-dir, submodules, fetch-by-commit and mtime are known")]
    [InlineData("?tag=a&branch=b", "branch conflicts with \"refs/tags/a\"")]
    [InlineData("?ref=b#a", "ref conflicts with \"a\"")]
    [InlineData("?keep-git-dir=maybe", "invalid keep-git-dir value \"maybe\": true or false")]
    [InlineData("?mtime=now", "invalid mtime value \"now\": checkout or commit")]
    [InlineData("?fetch-by-commit=1", "fetch-by-commit needs commit=…")]
    public void What_contradicts_itself_is_refused(string query, string message) =>
        Assert.Equal($"https://h/b.git{query}: {message}", Assert.Throws<GantryException>(() => GitReference.Parse($"https://h/b.git{query}")).Message);
}
