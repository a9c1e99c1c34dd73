using System.Globalization;
using System.Net;
using System.Text;
using Gantry.Compose.Model;

namespace Gantry.Compose.Output;

/// <summary>Draws a project: its services in rows, each below those that it depends on.</summary>
public static class ProjectGraph
{
    private const int BoxWidth = 190;
    private const int BoxHeight = 64;
    private const int Gap = 40;

    /// <summary>As text: a tree of what each service depends on.</summary>
    public static string ToText(Project project)
    {
        var text = new StringBuilder(project.Name).Append('\n');
        var roots = project.Services.Values.Where(service => !project.DependentsOf(service.Name).Any()).ToArray();
        for (var index = 0; index < roots.Length; index++)
            Append(text, project, roots[index], "", index == roots.Length - 1, "");
        return text.ToString();
    }

    /// <summary>In the language of Graphviz.</summary>
    public static string ToDot(Project project)
    {
        var text = new StringBuilder($"digraph \"{project.Name}\" {{\n  rankdir=TB;\n  node [shape=box];\n");
        foreach (var service in project.Services.Values)
            text.Append(CultureInfo.InvariantCulture, $"  \"{service.Name}\" [label=\"{string.Join("\\n", Lines(project, service))}\"];\n");
        foreach (var service in project.Services.Values)
            foreach (var (name, dependency) in service.DependsOn)
                text.Append(CultureInfo.InvariantCulture, $"  \"{service.Name}\" -> \"{name}\" [label=\"{Condition(dependency)}\"];\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>As a picture.</summary>
    public static string ToSvg(Project project)
    {
        var rows = Rows(project);
        var places = new Dictionary<string, (int X, int Y)>(StringComparer.Ordinal);
        for (var row = 0; row < rows.Count; row++)
            for (var column = 0; column < rows[row].Count; column++)
                places[rows[row][column].Name] = (Gap + column * (BoxWidth + Gap), Gap + row * (BoxHeight + Gap * 2));
        var width = Gap + rows.Select(static row => row.Count).DefaultIfEmpty(1).Max() * (BoxWidth + Gap);
        var height = rows.Count * (BoxHeight + Gap * 2);
        var svg = new StringBuilder(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{WebUtility.HtmlEncode(project.Name)}</title>\n");
        foreach (var service in project.Services.Values)
            foreach (var (name, dependency) in service.DependsOn.Where(dependency => places.ContainsKey(dependency.Key)))
                AppendEdge(svg, places[service.Name], places[name], Condition(dependency));
        foreach (var service in project.Services.Values)
            AppendBox(svg, places[service.Name], Lines(project, service));
        return svg.Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder text, Project project, Service service, string indent, bool last, string condition)
    {
        text.Append(indent).Append(last ? "└─ " : "├─ ").Append(string.Join(", ", Lines(project, service)))
            .Append(condition.Length > 0 ? $" [{condition}]" : "").Append('\n');
        var dependencies = service.DependsOn.Where(dependency => project.Services.ContainsKey(dependency.Key))
            .OrderBy(static dependency => dependency.Key, StringComparer.Ordinal).ToArray();
        for (var index = 0; index < dependencies.Length; index++)
            Append(text, project, project.Services[dependencies[index].Key], indent + (last ? "   " : "│  "), index == dependencies.Length - 1,
                Condition(dependencies[index].Value));
    }

    private static List<string> Lines(Project project, Service service)
    {
        List<string> lines = [service.Scale == 1 ? service.Name : $"{service.Name} ×{service.Scale}", service.ImageOrDefault(project.Name, project.Separator)];
        var ports = service.Maps("ports").Select(static port =>
            port.Text("published").Length > 0 ? $"{port.Text("published")}→{port.Number("target")}" : $"{port.Number("target")}").ToArray();
        if (ports.Length > 0)
            lines.Add("ports " + string.Join(' ', ports));
        var volumes = service.Maps("volumes").Where(static volume => volume.Text("type") == "volume" && volume.Text("source").Length > 0)
            .Select(static volume => volume.Text("source")).ToArray();
        if (volumes.Length > 0)
            lines.Add("volumes " + string.Join(' ', volumes));
        return lines;
    }

    private static string Condition(Dependency dependency) =>
        (dependency.Condition switch { "service_healthy" => "healthy", "service_completed_successfully" => "completed", _ => "" })
            + (dependency.Required ? "" : " optional");

    private static List<List<Service>> Rows(Project project)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        int Depth(string name)
        {
            if (!depths.TryGetValue(name, out var depth))
                depths[name] = depth = project.DependentsOf(name).Select(dependent => Depth(dependent.Name) + 1).DefaultIfEmpty(0).Max();
            return depth;
        }

        return [.. project.Services.Values.GroupBy(service => Depth(service.Name)).OrderBy(static row => row.Key).Select(static row => row.ToList())];
    }

    private static void AppendEdge(StringBuilder svg, (int X, int Y) from, (int X, int Y) to, string label)
    {
        var (x1, y1, x2, y2) = (from.X + BoxWidth / 2, from.Y + BoxHeight, to.X + BoxWidth / 2, to.Y);
        svg.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{x1} {y1}C{x1} {y1 + Gap} {x2} {y2 - Gap} {x2} {y2}\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#a)\"/>\n");
        if (label.Length > 0)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(x1 + x2) / 2 + 6}\" y=\"{(y1 + y2) / 2}\" fill=\"#555\">{label}</text>\n");
    }

    private static void AppendBox(StringBuilder svg, (int X, int Y) place, List<string> lines)
    {
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect x=\"{place.X}\" y=\"{place.Y}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"6\" fill=\"#eef4fb\" stroke=\"#2b5c8a\"/>\n");
        for (var line = 0; line < lines.Count; line++)
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{place.X + 10}\" y=\"{place.Y + 17 + line * 14}\"{(line == 0 ? " font-weight=\"bold\"" : "")}>{WebUtility.HtmlEncode(lines[line])}</text>\n");
    }
}
