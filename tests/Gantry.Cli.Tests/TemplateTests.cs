using System.Text;
using System.Text.Json;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Tests;

/// <summary>What templates print was looked up with docker's client (Go's text/template).</summary>
public class TemplateTests
{
    private const string Document = """
        {"Name":"n","Count":3,"Zero":0,"Big":12345678901,"Half":0.5,"Yes":true,"No":false,"Nothing":null,"Binds":null,"Labels":{"b":"2","a":"1"},
         "List":["x","y","z"],"Empty":[],"Inner":{"Deep":{"er":"found"},"List":[{"K":"1"},{"K":"2"}]},"Html":"<a&b>"}
        """;

    [Theory]
    [InlineData("{{.Name}}", "n")]
    [InlineData("a{{.Count}}b{{.Big}}c{{.Half}}", "a3b12345678901c0.5")]
    [InlineData("{{.Yes}} {{.No}} {{.Binds}} {{.Labels}} {{.List}} {{.Empty}}", "true false [] map[a:1 b:2] [x y z] []")]
    [InlineData("{{json .Labels}} {{json .Html}} {{json .List}}", "{\"b\":\"2\",\"a\":\"1\"} \"<a&b>\" [\"x\",\"y\",\"z\"]")]
    [InlineData("{{.Inner.Deep.er}}", "found")]
    [InlineData("{{ (index .Inner.List 1).K }}", "2")]
    [InlineData("{{index .Labels \"a\"}}{{index .List 2}}", "1z")]
    [InlineData("{{range .List}}[{{.}}]{{end}}", "[x][y][z]")]
    [InlineData("{{range $i, $v := .List}}{{if $i}},{{end}}{{$i}}={{$v}}{{end}}", "0=x,1=y,2=z")]
    [InlineData("{{range $k, $v := .Labels}}{{$k}}:{{$v}};{{end}}", "a:1;b:2;")]
    [InlineData("{{range .Empty}}x{{else}}none{{end}}", "none")]
    [InlineData("{{range .List}}{{if eq . \"y\"}}{{continue}}{{end}}{{.}}{{end}}", "xz")]
    [InlineData("{{range .List}}{{if eq . \"y\"}}{{break}}{{end}}{{.}}{{end}}", "x")]
    [InlineData("{{if .Zero}}a{{else if .Yes}}b{{else}}c{{end}}", "b")]
    [InlineData("{{with .Inner}}{{.Deep.er}}{{$.Name}}{{end}}{{with .Zero}}x{{else}}y{{end}}", "foundny")]
    [InlineData("{{if and .Yes (not .No) (or .Zero .Count)}}t{{end}}", "t")]
    [InlineData("{{if gt .Count 2}}{{if le .Count 3}}in{{end}}{{end}}{{ne .Name \"m\"}}", "intrue")]
    [InlineData("{{.Name | upper | printf \"%s-%d-%q\" \"a\" 1}}", "a-1-\"N\"")]
    [InlineData("{{printf \"%-5s|%5s|%05d|%.2f|%v|%x|%t|%%\" \"a\" \"b\" 42 .Half .List 255 true}}", "a    |    b|00042|0.50|[x y z]|ff|true|%")]
    [InlineData("{{join .List \", \"}} {{upper \"abc\"}} {{lower \"ABC\"}} {{title \"hello world\"}} {{split \"a,b\" \",\"}}", "x, y, z ABC abc Hello World [a b]")]
    [InlineData("{{pad \"x\" 1 2}}|{{truncate \"abcdef\" 3}}|{{len .List}}|{{slice .List 1 2}}", " x  |abc|3|[y]")]
    [InlineData("{{println \"a\" 1}}{{print 1 2 \"x\" 3}}", "a 1\n1 2x3")]
    [InlineData("a {{- .Name -}} b{{/* comment */}}", "anb")]
    [InlineData("{{$x := .Name}}{{if true}}{{$x = \"m\"}}{{end}}{{$x}}", "m")]
    [InlineData("{{`raw\\n`}}{{\"\\t\"}}{{'a'}}", "raw\\n\t97")]
    [InlineData("{{.Inner.Health}}{{if .Inner.Health}}x{{end}}", "<no value>")]
    public void Prints(string template, string expected) => Assert.Equal(expected, Execute(template));

    [Theory]
    [InlineData("{{.ID", "template: :1: unclosed action")]
    [InlineData("{{if .Yes}}x", "template: :1: unexpected EOF")]
    [InlineData("{{nosuch .Name}}", "template: :1: function \"nosuch\" not defined")]
    [InlineData("{{$x}}", "template: :1: undefined variable \"$x\"")]
    [InlineData("{{.Nope}}", "template: :1:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.Inner.Nope}}", "template: :1:8: executing \"\" at <.Inner.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.Name.Nope}}", "template: :1:7: executing \"\" at <.Name.Nope>: can't evaluate field Nope in type string")]
    [InlineData("{{end}}", "template: :1: unexpected {{end}}")]
    public void Mistakes(string template, string message) => Assert.Equal(message, Assert.Throws<TemplateException>(() => Execute(template)).Message);

    /// <summary>Whatever is thrown at it, the parser answers with a template or with its own error.</summary>
    [Fact]
    public void No_text_breaks_the_parser()
    {
        var random = new Random(5);
        string[] pieces = ["{{", "}}", ".", "Name", "if ", "end", "else ", "range ", "$x", ":=", "|", "(", ")", "\"", "`", "'", "-", " ", "1", "json ", "/*", "*/", "\n", "é", ","];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Template.Parse(text);
            }
            catch (TemplateException)
            {
                // Refused, as it should be.
            }
        }
    }

    private static string Execute(string template)
    {
        using var document = JsonDocument.Parse(Document);
        var text = new StringBuilder();
        Template.Parse(template).Execute(JsonTemplateMap.Wrap(document.RootElement), text);
        return text.ToString();
    }
}
