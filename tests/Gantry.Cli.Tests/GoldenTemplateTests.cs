using System.Text;
using System.Text.Json;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Tests;

/// <summary>
/// What <c>docker inspect --format</c> prints, and what it complains of: recorded with docker's client 28.2.2 on the document in the first line of
/// <c>Golden/templates.txt</c>; the others are template, exit code, standard output, standard error.
/// </summary>
public sealed class GoldenTemplateTests
{
    /// <summary>Templates that differ on purpose, and why.</summary>
    private static readonly Dictionary<string, string> s_differences = new()
    {
        ["{{printf \"%x\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%X\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%b\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#x\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#q\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#U\" 1.5}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%x\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%X\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%b\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#x\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#q\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{printf \"%#U\" 1e21}}"] = "floating point numbers print in decimal only",
        ["{{1i}}"] = "there are no complex numbers",
        ["{{1+2i}}"] = "there are no complex numbers",
        ["{{if and .Id (eq .State.Pid 0)}}y{{end}}"] = "a number of a document that is no structure compares with numbers (docker has a text there)",
        ["{{.HostConfig.NetworkMode.IsHost}}"] = "structures have fields, no methods",
        ["{{.HostConfig.NetworkMode.NetworkName}}"] = "structures have fields, no methods",
        ["{{.HostConfig.IpcMode.IsPrivate}}"] = "structures have fields, no methods",
        ["{{.HostConfig.RestartPolicy.IsNone}}"] = "structures have fields, no methods",
        ["{{.HostConfig.PidMode.IsHost}}"] = "structures have fields, no methods",
    };

    [Fact]
    public void All_are_as_dockers()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Golden", "templates.txt"));
        var document = Encoding.UTF8.GetBytes(lines[0]);
        var wrong = new List<string>();
        foreach (var line in lines.Skip(1))
        {
            using var row = JsonDocument.Parse(line);
            var (template, code, output, error) = (
                row.RootElement[0].GetString()!, row.RootElement[1].GetInt32(), row.RootElement[2].GetString()!, row.RootElement[3].GetString()!);
            var own = Run(template, document);
            if (own != (code, output, error) != s_differences.ContainsKey(template))
                wrong.Add($"{template}\n  docker {code} {output.TrimEnd()} {error.TrimEnd()}\n  gantry {own.Code} {own.Output.TrimEnd()} {own.Error.TrimEnd()}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {lines.Length - 1}:\n{string.Join('\n', wrong)}");
    }

    private static (int Code, string Output, string Error) Run(string source, byte[] document)
    {
        var text = new StringBuilder();
        var isParsed = false;
        try
        {
            var template = Template.Parse(source);
            isParsed = true;
            Inspector.Execute(template, document, "container.InspectResponse", text);
            return (0, text.ToString(), "");
        }
        catch (TemplateException complaint)
        {
            return (isParsed ? 1 : 64, isParsed ? "\n" : "", $"template parsing error: {complaint.Message}\n");
        }
    }
}
