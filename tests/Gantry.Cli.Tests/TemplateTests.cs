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
    [InlineData("{{.Yes}} {{.No}} {{.Binds}} {{.Labels}} {{.List}} {{.Empty}}", "true false <no value> map[a:1 b:2] [x y z] []")]
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
    [InlineData("{{join .List \", \"}} {{upper \"abc\"}} {{lower \"ABC\"}} {{title \"hello world\"}} {{split \"a,b\" \",\"}}",
        "x, y, z ABC abc Hello World [a b]")]
    [InlineData("{{pad \"x\" 1 2}}|{{truncate \"abcdef\" 3}}|{{len .List}}|{{slice .List 1 2}}", " x  |abc|3|[y]")]
    [InlineData("{{println \"a\" 1}}{{print 1 2 \"x\" 3}}", "a 1\n1 2x3")]
    [InlineData("a {{- .Name -}} b{{/* comment */}}", "anb")]
    [InlineData("{{$x := .Name}}{{if true}}{{$x = \"m\"}}{{end}}{{$x}}", "m")]
    [InlineData("{{`raw\\n`}}{{\"\\t\"}}{{'a'}}", "raw\\n\t97")]
    [InlineData("{{define \"row\"}}[{{.}}{{$x := 1}}]{{end}}{{range .List}}{{template \"row\" .}}{{end}}", "[x][y][z]")]
    [InlineData("{{block \"b\" .Inner}}{{.Deep.er}}{{end}}{{template \"b\" .Inner}}{{define \"none\"}}{{.}}{{end}}{{template \"none\"}}",
        "foundfound<no value>")]
    public void Prints(string template, string expected) => Assert.Equal(expected, Execute(template));

    [Theory]
    [InlineData("{{.ID", "template: :1: unclosed action")]
    [InlineData("{{if .Yes}}x", "template: :1: unexpected EOF")]
    [InlineData("{{nosuch .Name}}", "template: :1: function \"nosuch\" not defined")]
    [InlineData("{{$x}}", "template: :1: undefined variable \"$x\"")]
    [InlineData("{{.Nope}}", "template: :1:2: executing \"\" at <.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.Inner.Nope}}", "template: :1:8: executing \"\" at <.Inner.Nope>: map has no entry for key \"Nope\"")]
    [InlineData("{{.Name.Nope}}", "template: :1:7: executing \"\" at <.Name.Nope>: can't evaluate field Nope in type interface {}")]
    [InlineData("{{index (split .Name \",\") 5}}",
        "template: :1:2: executing \"\" at <index (split .Name \",\") 5>: error calling index: index out of range: 5")]
    [InlineData("{{(index (split .Name \",\") 0).X}}", "template: :1:27: executing \"\" at <0>: can't evaluate field X in type string")]
    [InlineData("{{end}}", "template: :1: unexpected {{end}}")]
    [InlineData("{{if .Yes}}{{define \"x\"}}{{end}}{{end}}", "template: :1: unexpected {{define}}")]
    [InlineData("{{define .Name}}{{end}}", "template: :1: unexpected \".Name\" in define clause")]
    [InlineData("{{define \"x\"}}{{$y}}{{end}}{{$y := 1}}", "template: :1: undefined variable \"$y\"")]
    [InlineData("a{{template \"x\" .}}", "template: :1:12: executing \"\" at <{{template \"x\" .}}>: template \"x\" not defined")]
    [InlineData("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}", "template: exceeded maximum template depth (1000)")]
    public void Mistakes(string template, string message) => Assert.Equal(message, Assert.Throws<TemplateException>(() => Execute(template)).Message);

    /// <summary>What docker reads into structures of Go prints as these do, also where the document says nothing.</summary>
    [Theory]
    [InlineData("container.InspectResponse", """{"Id":"i","State":{"Status":"created","Pid":3}}""", "{{.ID}} {{.State}} {{.State.Health}} {{.State.Running}}",
        "i {created false false false false false 3 0    <nil>} <nil> false")]
    [InlineData("container.InspectResponse",
        """{"Mounts":[{"Type":"bind","Source":"/tmp","Destination":"/c","Mode":"ro","RW":false,"Propagation":"rprivate"}]}""",
        "{{.Mounts}} {{len .Mounts}} {{json .Mounts}}",
        """[{bind  /tmp /c  ro false rprivate}] 1 [{"Type":"bind","Source":"/tmp","Destination":"/c","Mode":"ro","RW":false,"Propagation":"rprivate"}]""")]
    [InlineData("container.InspectResponse",
        """{"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"Ulimits":[{"Name":"nofile","Hard":6,"Soft":5}],"CpuShares":7}}""",
        "{{.HostConfig.PortBindings}} {{.HostConfig.RestartPolicy}} {{.HostConfig.Ulimits}} {{.HostConfig.CPUShares}} {{.HostConfig.Binds}} {{.HostConfig.Tmpfs}} {{json .HostConfig.Binds}}",
        "map[80/tcp:[{ 8080}]] {no 0} [nofile=5:6] 7 [] map[] null")]
    [InlineData("container.InspectResponse",
        """{"Config":{"Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["NONE"],"Interval":90000000000}}}""",
        "{{.Config.Labels.a}} {{.Config.Labels.c}} [{{index .Config.Labels \"c\"}}] {{.Config.ExposedPorts}} {{.Config.Healthcheck}} {{json .Config.Healthcheck.Interval}}", "b <no value> [] map[80/tcp:{}] {[NONE] 1m30s 0s 0s 0s 0} 90000000000")]
    [InlineData("container.InspectResponse", """{"NetworkSettings":{"Networks":{"n":{"IPAddress":"1.2.3.4"}}}}""",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.}}{{end}} {{.NetworkSettings.Ports}}{{.NetworkSettings.IPAddress}}",
        "1.2.3.4 {<nil> [] []  map[] 0    1.2.3.4 0   0 []} map[]")]
    [InlineData("container.InspectResponse", """{"State":{"Health":{"Status":"healthy","Log":[{"Start":"2026-01-02T03:04:05.5Z","ExitCode":0}]}}}""",
        "{{println .State.Health.Status}}{{(index .State.Health.Log 0).Start}}", "healthy\n2026-01-02 03:04:05.5 +0000 UTC")]
    [InlineData("network.Inspect", """{"IPAM":{"Driver":"default","Options":null,"Config":[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]}}""",
        "{{.IPAM.Config}} {{.IPAM}}", "[{172.17.0.0/16  172.17.0.1 map[]}] {default map[] [{172.17.0.0/16  172.17.0.1 map[]}]}")]
    [InlineData("image.InspectResponse", """{"RootFS":{"Type":"layers","Layers":["sha256:1"]},"Config":{"Cmd":["sh"]}}""",
        "{{.RootFS}} {{.Config.Cmd}} {{.Config}}", "{layers [sha256:1]} [sh] {{ map[] [] [] [sh] map[]  map[]  false} {<nil> [] []}}")]
    [InlineData("volume.Volume", """{"Name":"v","Driver":"local","Options":null}""", "{{.}}", "{<nil>  local map[]  v map[]  map[] <nil>}")]
    public void Structures(string structure, string document, string template, string expected)
    {
        using var json = JsonDocument.Parse(document);
        var text = new StringBuilder();
        Template.Parse(template).Execute(new StructureTemplateMap(json.RootElement, GoStructure.Get(structure)), text);
        Assert.Equal(expected, text.ToString());
    }

    [Theory]
    [InlineData("{{.Server.APIVersion}}", "template: :1:9: executing \"\" at <.Server.APIVersion>: nil pointer evaluating *types.Version.APIVersion")]
    [InlineData("{{.Client.ApiVersion}}",
        "template: :1:9: executing \"\" at <.Client.ApiVersion>: can't evaluate field ApiVersion in type system.clientVersion")]
    public void Mistakes_about_structures(string template, string message)
    {
        using var json = JsonDocument.Parse("""{"Client":{"ApiVersion":"1.51"},"Server":null}""");
        var error = Assert.Throws<TemplateException>(() =>
            Template.Parse(template).Execute(new StructureTemplateMap(json.RootElement, GoStructure.Get("system.versionInfo")), new StringBuilder()));
        Assert.Equal(message, error.Message);
    }

    /// <summary>Whatever is thrown at it, the parser answers with a template or with its own error.</summary>
    [Fact]
    public void No_text_breaks_the_parser()
    {
        var random = new Random(5);
        string[] pieces = ["{{", "}}", ".", "Name", "if ", "end", "else ", "range ", "$x", ":=", "|", "(", ")", "\"", "`", "'", "-", " ", "1", "json ",
            "define ", "template ", "block ", "/*", "*/", "\n", "é", ","];
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
