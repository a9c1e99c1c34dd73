using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>What stands beside the daily commands: the menu of <c>up</c>, <c>alpha</c>, <c>bridge</c>.</summary>
public sealed class ComposeToolTests(Engine engine) : IClassFixture<Engine>
{
    private const string File = """
        services:
          one:
            image: gantry-e2e:latest
            network_mode: none
            stop_grace_period: 0s
            command: sh -c 'while true; do echo tick; sleep 0.2; done'
            environment: {KEY: value}
            volumes: ["data:/data"]
            develop: {watch: [{path: ./synced, target: /synced, action: sync}]}
          two: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, depends_on: [one]}
        volumes: {data: }
        """;

    [Fact]
    public void Keys_watch_files_and_leave_the_project_alone()
    {
        using var project = new ComposeProject(engine, File);
        project.Write("synced/file", "1");
        using var up = engine.Client("gantry").StartInTerminal("compose", "-p", project.Name, "-f", Path.Combine(project.Folder, "compose.yaml"), "up");
        up.WaitFor("tick");
        up.WaitFor("Enable Watch");
        up.Type("w");
        up.WaitFor("Watch enabled");
        up.WaitFor("Disable Watch");
        project.Write("synced/file", "2");
        up.WaitFor("Syncing service \"one\"");
        Assert.Equal("2", project.Run("exec", "-T", "one", "cat", "/synced/file").Text);
        up.Type("w");
        up.WaitFor("Watch disabled");
        up.Type("d");
        up.Wait().ExitsWith(0);
        Assert.Equal(2, project.Ids("one", "two").Length);
    }

    [Fact]
    public void Without_a_menu_there_is_none_and_the_first_interrupt_stops_in_order()
    {
        using var project = new ComposeProject(engine, File);
        project.Write("synced/file", "1");
        using var up = engine.Client("gantry").StartInTerminal(
            "compose", "-p", project.Name, "-f", Path.Combine(project.Folder, "compose.yaml"), "up", "--menu=false");
        up.WaitFor("tick");
        Assert.DoesNotContain("Enable Watch", up.Output, StringComparison.Ordinal);
        up.Type("\u0003");
        up.Wait().ExitsWith(130);
        Assert.Contains("Gracefully Stopping...", up.Output, StringComparison.Ordinal);
        Assert.Empty(project.Ids("one", "two"));
    }

    [Fact]
    public void A_project_is_drawn_for_Graphviz()
    {
        using var project = new ComposeProject(engine, File);
        var drawn = project.Run("alpha", "viz", "--image", "--spaces", "--indentation-size", "2").Succeeded();
        Assert.StartsWith($"digraph \"{project.Name}\" {{\n  layout=dot;\n  \"one\" [style=\"filled\" label=<<font point-size=\"15\">one</font>", drawn.Output,
            StringComparison.Ordinal);
        Assert.Contains("<b>Image:</b><br/>gantry-e2e:latest</font>>];\n", drawn.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n  \"two\" -> \"one\";\n}\n\n", drawn.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_made_of_containers()
    {
        using var project = new ComposeProject(engine, File);
        project.Run("up", "-d", "--scale", "one=2").Succeeded();
        var made = JsonNode.Parse(project.Run("alpha", "generate", "--format", "json", "--name", "made", $"{project.Name}-one").Succeeded().Output)!;
        Assert.Equal("made", made["name"]!.GetValue<string>());
        var one = made["services"]!["one"]!;
        Assert.Equal(2, one["scale"]!.GetValue<int>());
        Assert.Equal("value", one["environment"]!["KEY"]!.GetValue<string>());
        Assert.Equal($"{project.Name}_data", one["volumes"]![0]!["source"]!.GetValue<string>());
        Assert.Null(one["labels"]);
        Assert.Contains("no container(s) found", project.Run("alpha", "generate", "nobody-has-this-name").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_turns_a_project_into_something_else()
    {
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, expose: ["80"], secrets: [word]}
              transformer: {image: e2e-bridge:latest, build: {context: ., dockerfile_inline: "FROM gantry-e2e:latest\nLABEL com.docker.compose.bridge=transformation\nRUN mkdir /templates && echo t > /templates/t\nCMD [\"sh\", \"-c\", \"cp /in/compose.yaml /out/result.yaml; echo converted\"]"}}
            secrets: {word: {file: ./word}}
            """);
        project.Write("word", "sesame");
        var output = Path.Combine(project.Folder, "out");
        project.Run("build", "transformer").Succeeded();
        Assert.Equal("converted", project.Run("bridge", "convert", "-t", "e2e-bridge", "-o", output).Text);
        var result = System.IO.File.ReadAllText(Path.Combine(output, "result.yaml"));
        Assert.Contains("content: sesame", result, StringComparison.Ordinal);
        Assert.Contains("expose:\n      - \"80\"", result, StringComparison.Ordinal);
        Assert.Contains("was not confirmed", project.Run("bridge", "convert", "-t", "e2e-bridge", "-o", output).ExitsWith(1).Error, StringComparison.Ordinal);

        Assert.Contains("e2e-bridge:latest", project.Run("bridge", "transformations", "ls", "-q").Lines);
        var own = Path.Combine(project.Folder, "own");
        project.Run("bridge", "transformations", "create", "-f", "e2e-bridge", own).Succeeded();
        Assert.Equal("t\n", System.IO.File.ReadAllText(Path.Combine(own, "templates", "t")));
        Assert.Contains("LABEL com.docker.compose.bridge=transformation", System.IO.File.ReadAllText(Path.Combine(own, "Dockerfile")),
            StringComparison.Ordinal);
        engine.Docker.Run("rmi", "-f", "e2e-bridge").Succeeded();
    }
}
