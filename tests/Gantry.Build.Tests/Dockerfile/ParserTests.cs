using Gantry.Build.Dockerfile;

namespace Gantry.Build.Tests.Dockerfile;

public class ParserTests
{
    [Fact]
    public void Continued_lines_are_one_and_comments_within_do_not_count()
    {
        var run = Only<RunInstruction>("FROM a\nRUN one \\\n  # a comment\n\n  two \\\n  three\n");
        Assert.Equal("one   two   three", run.Command.ShellText);
        Assert.Equal(new SourceRange(2, 6), run.Range);
        Assert.True(run.HasEmptyContinuation);
    }

    [Fact]
    public void The_escape_directive_changes_what_continues_a_line()
    {
        var document = Parse("# escape=`\nFROM a\nRUN dir C:\\ `\n  x\n");
        Assert.Equal("dir C:\\   x", ((RunInstruction)document.Stages[0].Instructions[0]).Command.ShellText);
    }

    [Fact]
    public void Directives_end_at_the_first_other_line()
    {
        var document = Parse("# syntax=docker/dockerfile:1\n# check=skip=all\n# a comment\n# escape=`\nFROM a\n");
        Assert.Equal(("docker/dockerfile:1", "skip=all", '\\'), (document.Directives.Syntax, document.Directives.Check, document.Directives.Escape));
    }

    [Theory]
    [InlineData("CMD [\"a\", \"b c\"]", false, "a|b c")]
    [InlineData("CMD a b", true, "a b")]
    [InlineData("CMD [/bin/bash]", true, "[/bin/bash]")]
    [InlineData("CMD ['a']", true, "['a']")]
    [InlineData("CMD []", false, "")]
    [InlineData("CMD [\"a\", 1]", true, "[\"a\", 1]")]
    public void A_malformed_array_is_the_shell_form(string line, bool isShell, string words)
    {
        var command = Only<CmdInstruction>($"FROM a\n{line}\n").Command;
        Assert.Equal((isShell, words), (command.IsShell, string.Join('|', command.Words)));
    }

    [Fact]
    public void Documents_belong_to_their_instruction()
    {
        var run = Only<RunInstruction>("FROM a\nRUN <<EOF\necho one\n  echo $two\nEOF\n");
        var document = Assert.Single(run.Command.Heredocs);
        Assert.Equal(("EOF", "echo one\n  echo $two\n", true), (document.Name, document.Text, document.Expand));
    }

    [Fact]
    public void Several_documents_and_their_forms()
    {
        var copy = Only<CopyInstruction>("FROM a\nCOPY <<-\"one\" <<two x /to/\n\tfirst\n\tone\nsecond\ntwo\n");
        Assert.Equal(["x"], copy.Sources);
        Assert.Equal(["first\n", "second\n"], copy.Documents.Select(document => document.Text));
        Assert.Equal([false, true], copy.Documents.Select(document => document.Expand));
    }

    [Fact]
    public void Flags_of_copy()
    {
        var copy = Only<CopyInstruction>("FROM a\nCOPY --from=b --chown=1:2 --chmod=755 --link --exclude=*.o --exclude=x a b /c/\n");
        Assert.Equal(("b", "1:2", "755", true), (copy.From, copy.Chown, copy.Chmod, copy.Link));
        Assert.Equal(["*.o", "x"], copy.Excludes);
        Assert.Equal((2, "/c/"), (copy.Sources.Count, copy.Destination));
    }

    [Fact]
    public void Variables_in_both_forms()
    {
        var env = Only<EnvInstruction>("FROM a\nENV A=1 B=\"two words\" C=a\\ b\n");
        Assert.Equal([("A", "1"), ("B", "\"two words\""), ("C", "a\\ b")], env.Pairs.Select(pair => (pair.Key, pair.Value)));
        var legacy = Only<EnvInstruction>("FROM a\nENV A one two\n");
        Assert.True(legacy.IsLegacy);
        Assert.Equal("one two", legacy.Pairs[0].Value);
    }

    [Fact]
    public void Health_checks()
    {
        var health = Only<HealthcheckInstruction>("FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f x\n");
        Assert.Equal("curl -f x", health.Command!.ShellText);
        Assert.Equal(("5s", "3"), (health.Options["interval"], health.Options["retries"]));
        Assert.Null(Only<HealthcheckInstruction>("FROM a\nHEALTHCHECK NONE\n").Command);
    }

    [Theory]
    [InlineData("FROM a\nFORM b\n", 2, "unknown instruction: FORM (did you mean FROM?)")]
    [InlineData("FROM a\nFOO b\n", 2, "unknown instruction: FOO (did you mean FROM?)")]
    [InlineData("FROM a\nEXPXXX b\n", 2, "unknown instruction: EXPXXX")]
    [InlineData("FROM\n", 1, "FROM requires at least one argument")]
    [InlineData("FROM a b\n", 1, "FROM requires either one or three arguments")]
    [InlineData("FROM a\nCOPY x\n", 2, "COPY requires at least two arguments, but only 1 was provided. Destination could not be determined")]
    [InlineData("FROM a\nCOPY --form=b x y\n", 2, "unknown flag: --form (did you mean from?)")]
    [InlineData("FROM a\nRUN <<EOF\nx\n", 2, "unterminated heredoc <<EOF: no line is EOF alone")]
    [InlineData("FROM a\nONBUILD FROM b\n", 2, "FROM isn't allowed as an ONBUILD trigger")]
    [InlineData("# escape=x\nFROM a\n", 1, "invalid escape token 'x' does not match ` or \\")]
    public void Errors_have_a_place(string text, int line, string message)
    {
        var error = Assert.Throws<DockerfileException>(() => Parse(text));
        Assert.Equal($"dockerfile parse error on line {line}: {message}", error.Message);
        Assert.Contains(">>>", error.Excerpt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RUN x\n", "no build stage in current context")]
    [InlineData("FROM a\nENV A=1 B\n", "Syntax error - can't find = in \"B\". Must be of the form: name=value")]
    [InlineData("FROM a\nENV A\n", "ENV must have two arguments")]
    [InlineData("# nothing\n", "file with no instructions")]
    [InlineData("", "the Dockerfile cannot be empty")]
    public void Some_errors_are_told_without_their_line(string text, string message) =>
        Assert.Equal(message, Assert.Throws<DockerfileException>(() => Parse(text)).Message);

    [Fact]
    public void Stages_have_names_and_what_follows_them()
    {
        var document = Parse("ARG V=1\nFROM a AS one\nRUN x\nFROM --platform=linux/amd64 one\nCMD y\n");
        Assert.Equal("V", document.GlobalArguments[0].Arguments[0].Name);
        Assert.Equal(("one", "linux/amd64"), (document.Stages[0].From.Alias, document.Stages[1].From.Platform));
        Assert.Equal(["RUN"], document.Stages[0].Instructions.Select(instruction => instruction.Name));
    }

    private static DockerfileDocument Parse(string text) => DockerfileDocument.Parse(new SourceFile("Dockerfile", text));

    private static T Only<T>(string text)
        where T : Instruction => Assert.IsType<T>(Assert.Single(Parse(text).Stages[0].Instructions));
}
