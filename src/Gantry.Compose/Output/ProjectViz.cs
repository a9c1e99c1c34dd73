using System.Net;
using System.Text;
using Gantry.Compose.Model;

namespace Gantry.Compose.Output;

/// <summary>Draws a project in the language of Graphviz as docker compose's <c>alpha viz</c> does.</summary>
public sealed record ProjectViz
{
    /// <summary>What a level is indented by.</summary>
    public string Indentation { get; init; } = "\t";

    /// <summary>Whether images are named.</summary>
    public bool Images { get; init; }

    /// <summary>Whether networks are named.</summary>
    public bool Networks { get; init; }

    /// <summary>Whether ports are named.</summary>
    public bool Ports { get; init; }

    /// <summary>The drawing.</summary>
    public string Draw(Project project)
    {
        var text = new StringBuilder($"digraph \"{project.Name}\" {{\n{Indentation}layout=dot;\n");
        foreach (var service in project.Services.Values)
            text.Append($"{Indentation}\"{service.Name}\" [style=\"filled\" label=<{Label(project, service)}>];\n");
        text.Append('\n');
        foreach (var service in project.Services.Values)
            foreach (var other in service.DependsOn.Keys.Order(StringComparer.Ordinal))
                text.Append($"{Indentation}\"{service.Name}\" -> \"{other}\";\n");
        return text.Append("}\n").ToString();
    }

    private string Label(Project project, Service service)
    {
        var label = new StringBuilder($"<font point-size=\"15\">{Escape(service.Name)}</font>");
        if (Networks)
            Append(label, "Networks", service.NetworksByPriority);
        if (Ports)
            Append(label, "Ports", [.. service.Maps("ports").Select(static port =>
                $"{(port.Text("host_ip") is { Length: > 0 } host ? host + ":" : "")}{port.Text("published")}:{port.Text("target")} ({port.Text("protocol")}, {port.Text("mode")})")]);
        if (Images)
            Append(label, "Image", [service.ImageOrDefault(project.Name, project.Separator)]);
        return label.ToString();
    }

    private static void Append(StringBuilder label, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0)
            label.Append($"<font point-size=\"10\"><br/><br/><b>{title}:</b>{string.Concat(lines.Select(static line => $"<br/>{Escape(line)}"))}</font>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
