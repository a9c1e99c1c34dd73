using Gantry.Cli.Commands.Buildx;
using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Cli.Tests.Buildx;

/// <summary>Bake files in HCL: what expressions are worth. The expected values are those that docker buildx bake --print shows.</summary>
public sealed class HclTests
{
    [Theory]
    [InlineData("\"a${1 + 2 * 3}b\"", "\"a7b\"")]
    [InlineData("\"$${x} ${\"in ${upper(\"a\")}\"}\"", "\"${x} in A\"")]
    [InlineData("LIST[1] == \"b\" && !false ? \"yes\" : missing", "\"yes\"")]
    [InlineData("equal(NUMBER, 3) ? [for item in LIST : \"x-${item}\" if item != \"a\"] : []", "[\"x-b\",\"x-c\"]")]
    [InlineData("{ for name, value in MAP : upper(name) => \"${value}!\" }", "{\"K\":\"v!\",\"L\":\"w!\"}")]
    [InlineData("[for number, item in LIST : format(\"%02d-%s\", number, item)]", "[\"00-a\",\"01-b\",\"02-c\"]")]
    [InlineData("concat(LIST, [\"d\"], split(\",\", \"e,f\"))", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]")]
    [InlineData("merge(MAP, { k = 1 })", "{\"k\":1,\"l\":\"w\"}")]
    [InlineData("lookup(MAP, \"none\", MAP.k)", "\"v\"")]
    [InlineData("join(\"-\", reverse(sort(distinct([\"b\", \"a\", \"b\"]))))", "\"b-a\"")]
    [InlineData("regex_replace(\"v1.2.3\", \"^v\", \"\")", "\"1.2.3\"")]
    [InlineData("(1 + 2) * -2 % 4", "-2")]
    [InlineData("7 / 2 >= 3.5", "true")]
    [InlineData("max(range(5)...)", "4")]
    [InlineData("flatten([for os in [\"a\", \"b\"] : [for arch in [\"1\", \"2\"] : \"${os}/${arch}\"]])", "[\"a/1\",\"a/2\",\"b/1\",\"b/2\"]")]
    [InlineData("<<EOF\nFROM ${LIST[0]}\n  RUN x\nEOF", "\"FROM a\\n  RUN x\\n\"")]
    [InlineData("<<-EOF\n    one\n      two\n    EOF", "\"one\\n  two\\n\"")]
    [InlineData("tag(\"app\", \"1\", \"2\")", "\"app:1+2\"")]
    [InlineData("DERIVED", "\"a/3\"")]
    [InlineData("sha256(\"\") == substr(sha256(\"\"), 0, 64)", "true")]
    public void Expressions(string expression, string expected) => Assert.Equal(expected, JsonText.Write(Evaluate(expression), indented: false));

    [Theory]
    [InlineData("missing", "There is no variable named \"missing\"")]
    [InlineData("nothing(1)", "the function nothing() is not implemented")]
    [InlineData("upper()", "the function upper() cannot be called")]
    [InlineData("LIST[9]", "Invalid index")]
    [InlineData("1 / 0", "Division by zero")]
    [InlineData("\"${LIST}\"[0] + \"a${LIST}\"", "is no number")]
    [InlineData("\"a${LIST}\"", "is no text")]
    [InlineData("1 +", "it ends too early")]
    [InlineData("[1, 2", "expected ]")]
    [InlineData("\"%{ if true }\"", "directives of templates")]
    [InlineData("CIRCLE", "made from itself")]
    [InlineData("endless(1)", "calls itself without an end")]
    public void What_is_wrong_is_told(string expression, string expected) =>
        Assert.Contains(expected, Assert.Throws<CommandException>(() => Evaluate(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void Given_values_have_the_kind_of_the_default()
    {
        const string file =
            "variable \"FLAG\" { default = false }\nvariable \"COUNT\" { default = 1 }\nvariable \"ALL\" { default = [] }\nvariable \"TEXT\" {}";
        Assert.Equal(
            "[true,3,[\"a\"],\"x\"]", JsonText.Write(
                Evaluate("[FLAG, COUNT + 1, ALL, TEXT]", file, new() { ["FLAG"] = "true", ["COUNT"] = "2", ["ALL"] = "[\"a\"]", ["TEXT"] = "x" }),
                indented: false));
        Assert.Contains("cannot be \"many\"", Assert.Throws<CommandException>(() => Evaluate("COUNT", file, new() { ["COUNT"] = "many" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_is_validated()
    {
        const string file = "variable \"TAG\" {\n  default = \"\"\n  validation {\n    condition = TAG != \"\"\n    error_message = \"TAG is needed\"\n  }\n}";
        Assert.Contains("TAG is needed", Assert.Throws<CommandException>(() => Evaluate("TAG", file, [])).Message, StringComparison.Ordinal);
        Assert.Equal("\"1\"", JsonText.Write(Evaluate("TAG", file, new() { ["TAG"] = "1" }), indented: false));
    }

    private static Value Evaluate(string expression) => Evaluate(expression, """
        LIST = ["a", "b", "c"] # A comment.
        variable "MAP" { default = { k = "v", l = "w" } }
        variable "NUMBER" { default = 3 }
        variable "DERIVED" { default = "${LIST[0]}/${NUMBER}" }
        variable "CIRCLE" { default = "${CIRCLE}x" }
        function "tag" {
          params = [name]
          variadic_params = rest
          result = "${name}:${join("+", rest)}"
        }
        function "endless" {
          params = [x]
          result = endless(x)
        }
        """, []);

    private static Value Evaluate(string expression, string file, Dictionary<string, string> given)
    {
        var values = new BakeValues(name => given.GetValueOrDefault(name));
        values.Take(new HclReader(file, "test.hcl").Read());
        values.Check();
        return BakeValues.Expand(new HclReader($"RESULT = {expression}", "test.hcl").Read().Map("variable")!.Map("RESULT")!["default"]!, values.Scope);
    }
}
