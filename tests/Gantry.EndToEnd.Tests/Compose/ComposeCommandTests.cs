using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>Commands of compose beyond up and down.</summary>
public sealed class ComposeCommandTests(Engine engine) : IClassFixture<Engine>
{
    private const string Sleeper = """
        services:
          one: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s}
        """;

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        using var project = new ComposeProject(engine, Sleeper);
        Assert.Contains($"DRY-RUN MODE -  Container {project.Name}-one-1  Started", project.Run("--dry-run", "up", "-d").Succeeded().Error,
            StringComparison.Ordinal);
        Assert.Empty(project.Run("ps", "-aq").Lines);
        project.Run("up", "-d").Succeeded();
        project.Run("--dry-run", "down").Succeeded();
        Assert.Single(project.Ids("one"));
    }

    [Fact]
    public void Files_are_copied_into_all_containers_and_out_of_one()
    {
        using var project = new ComposeProject(engine, Sleeper);
        project.Run("up", "-d", "--scale", "one=2").Succeeded();
        var file = project.Write("file", "content");
        project.Run("cp", file, "one:/tmp/file").Succeeded();
        Assert.Equal("content", project.Run("exec", "-T", "--index", "1", "one", "cat", "/tmp/file").Text);
        Assert.Equal("content", project.Run("exec", "-T", "--index", "2", "one", "cat", "/tmp/file").Text);
        project.Run("cp", "--index", "2", "one:/tmp/file", file + ".back").Succeeded();
        Assert.Equal("content", File.ReadAllText(file + ".back"));
        Assert.Contains("no container found for service", project.Run("cp", file, "nobody:/x").ExitsWithFailure().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_built_each_after_what_it_is_made_from()
    {
        using var project = new ComposeProject(engine, """
            services:
              top:
                build:
                  dockerfile_inline: |
                    FROM base
                    RUN --mount=type=secret,id=word cat /run/secrets/word >> /words
                  additional_contexts: {base: "service:bottom"}
                  secrets: [word]
                network_mode: none
                command: cat /words
              bottom:
                build:
                  dockerfile_inline: |
                    FROM gantry-e2e:latest
                    ARG FIRST
                    RUN echo $$FIRST > /words
                  args: {FIRST: hello}
                network_mode: none
                command: cat /words
            secrets: {word: {file: ./word}}
            """);
        project.Write("word", "world");
        var result = project.Run("up").Succeeded();
        Assert.Contains("top-1     | hello", result.Output, StringComparison.Ordinal);
        Assert.Contains("top-1     | world", result.Output, StringComparison.Ordinal);
        Assert.Contains("bottom-1  | hello", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Built", project.Run("up", "-d").Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("top  Built", project.Run("up", "-d", "--build").Succeeded().Error, StringComparison.Ordinal);
        project.Run("down", "--rmi", "local").Succeeded();
        Assert.DoesNotContain(project.Name, engine.Docker.Text("images", "--format", "{{.Repository}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_that_fails_says_why()
    {
        using var project = new ComposeProject(engine, """
            services:
              one: {build: {dockerfile_inline: "FROM gantry-e2e:latest\nRUN echo some output; exit 4"}, network_mode: none}
            """);
        var result = project.Run("up", "-d").ExitsWith(1);
        Assert.Contains("some output", result.Error, StringComparison.Ordinal);
        Assert.Contains("failed to solve: process \"/bin/sh -c echo some output; exit 4\" did not complete successfully: exit code: 4", result.Error,
            StringComparison.Ordinal);
        Assert.Empty(project.Run("ps", "-aq").Lines);
    }

    [Fact]
    public void Secrets_and_configurations_are_there()
    {
        using var project = new ComposeProject(engine, """
            services:
              one:
                image: gantry-e2e:latest
                network_mode: none
                command: sh -c 'cat /run/secrets/word /run/secrets/variable /text /etc/other; stat -c %a:%u /etc/other'
                secrets: [word, variable]
                configs: [text, {source: text, target: /etc/other, uid: "33", gid: "33", mode: 0440}]
            secrets: {word: {file: ./word}, variable: {environment: HOME}}
            configs: {text: {content: "text of ${COMPOSE_PROJECT_NAME}\n"}}
            """);
        project.Write("word", "word\n");
        var output = project.Run("up", "--no-log-prefix").Succeeded().Output;
        Assert.Contains("word\n", output, StringComparison.Ordinal);
        Assert.Contains($"text of {project.Name}\ntext of {project.Name}\n440:33\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_comes_after_what_it_depends_on_is_healthy_or_completed()
    {
        using var project = new ComposeProject(engine, """
            services:
              last:
                image: gantry-e2e:latest
                network_mode: none
                volumes: ["data:/data"]
                command: cat /data/order
                depends_on: {healthy: {condition: service_healthy}, once: {condition: service_completed_successfully}}
              healthy:
                image: gantry-e2e:latest
                network_mode: none
                volumes: ["data:/data"]
                command: sh -c 'touch /up; exec sleep 1000'
                healthcheck: {test: "test -e /up && (grep -q healthy /data/order || echo healthy >> /data/order)", interval: 100ms}
                stop_grace_period: 0s
              once: {image: "gantry-e2e:latest", network_mode: none, volumes: ["data:/data"], command: sh -c 'echo once >> /data/order'}
            volumes: {data: }
            """);
        project.Run("up", "-d").Succeeded();
        Eventually.True(() => project.Run("logs", "--no-log-prefix", "last").Lines.Order(StringComparer.Ordinal).SequenceEqual(["healthy", "once"]), () =>
            project.Run("logs").ToString());
    }

    [Fact]
    public void A_service_that_never_gets_healthy_fails_what_needs_it()
    {
        using var project = new ComposeProject(engine, """
            services:
              sick: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, healthcheck: {test: "false", interval: 50ms, retries: 2}}
              needy: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, depends_on: {sick: {condition: service_healthy}}}
            """);
        var result = project.Run("up", "-d").ExitsWith(1);
        Assert.Contains($"dependency failed to start: container {project.Name}-sick-1 is unhealthy", result.Error, StringComparison.Ordinal);
        Assert.Equal("created", project.Run("ps", "-a", "--format", "{{.State}}", "needy").Text);
        Assert.Contains($"container {project.Name}-sick-1 is unhealthy", project.Run("up", "--wait", "sick").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_are_replaced_one_by_one_and_a_sick_one_is_taken_back()
    {
        const string file = """
            services:
              one:
                image: gantry-e2e:latest
                network_mode: none
                command: sleep 1000
                stop_grace_period: 0s
                environment: {VERSION: "1"}
                healthcheck: {test: "test $$VERSION != 3", interval: 100ms, retries: 2}
                deploy: {replicas: 2, update_config: {order: start-first}}
            """;
        using var project = new ComposeProject(engine, file);
        project.Run("up", "-d", "--wait").Succeeded();
        var first = project.Ids("one");
        project.Write(file.Replace("\"1\"", "\"2\"", StringComparison.Ordinal));
        project.Run("up", "-d", "--rolling").Succeeded();
        var second = project.Ids("one");
        Assert.Equal(2, second.Length);
        Assert.Empty(second.Intersect(first));
        Assert.Equal([$"{project.Name}-one-1", $"{project.Name}-one-2"], project.Run("ps", "--format", "{{.Name}}").Lines.Order(StringComparer.Ordinal));

        // The third version does not get healthy: the second goes on.
        project.Write(file.Replace("\"1\"", "\"3\"", StringComparison.Ordinal));
        Assert.Contains("goes on as it was", project.Run("up", "-d", "--rolling").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Equal(second, project.Ids("one"));
        Assert.Equal("2", project.Run("exec", "-T", "one", "sh", "-c", "echo $VERSION").Text);
    }

    [Fact]
    public void Changed_files_are_synced_and_their_command_is_run()
    {
        using var project = new ComposeProject(engine, """
            services:
              one:
                image: gantry-e2e:latest
                network_mode: none
                command: sleep 1000
                stop_grace_period: 0s
                develop:
                  watch:
                    - {path: ./synced, target: /synced, action: sync, initial_sync: true, ignore: ["*.skip"]}
                    - {path: ./run, target: /run, action: sync+exec, exec: {command: cp /run/file /executed}}
                    - {path: ./restart, target: /restart, action: sync+restart}
            """);
        project.Write("synced/first", "first");
        project.Write("run/file", "old");
        project.Write("restart/file", "old");
        using var watch = project.Start("watch");
        watch.WaitForOutput("Watch enabled");
        string Content(string path) => project.Run("exec", "-T", "one", "cat", path).Output;
        Assert.Equal("first", Content("/synced/first"));

        project.Write("synced/below/second", "second");
        project.Write("synced/no.skip", "no");
        Eventually.True(() => Content("/synced/below/second") == "second", () => watch.Output);
        Assert.Equal("", Content("/synced/no.skip"));
        project.Write("run/file", "new");
        Eventually.True(() => Content("/executed") == "new", () => watch.Output);
        var started = engine.Docker.Inspect(project.Name + "-one-1", "{{.State.StartedAt}}");
        project.Write("restart/file", "new");
        Eventually.True(() => engine.Docker.Inspect(project.Name + "-one-1", "{{.State.StartedAt}}") != started, () => watch.Output);
        watch.Signal("INT");
        watch.Wait();
    }

    [Fact]
    public void A_build_that_fails_does_not_end_the_watch()
    {
        using var project = new ComposeProject(engine, """
            services:
              one:
                build: {context: ., dockerfile: Dockerfile}
                network_mode: none
                command: sleep 1000
                stop_grace_period: 0s
                develop: {watch: [{path: ./source, action: rebuild}]}
            """);
        project.Write("Dockerfile", "FROM gantry-e2e:latest\nCOPY source/file /file\nRUN ! grep -q wrong /file\n");
        project.Write("source/file", "first");
        using var watch = project.Start("watch");
        watch.WaitForOutput("Watch enabled");
        project.Write("source/file", "wrong");
        Eventually.True(() => watch.Error.Contains("Error handling changed files for service one", StringComparison.Ordinal), () => watch.Error);
        Assert.Equal("first", project.Run("exec", "-T", "one", "cat", "/file").Text);
        project.Write("source/file", "second");
        Eventually.True(() => project.Run("exec", "-T", "one", "cat", "/file").Output == "second", () => watch.Output);
        watch.Signal("INT");
        watch.Wait();
    }

    [Fact]
    public void Dockerfiles_are_checked_instead_of_built()
    {
        using var project = new ComposeProject(engine, """
            services:
              good: {build: {dockerfile_inline: "FROM gantry-e2e:latest\nRUN echo 1\n"}}
              odd: {build: {dockerfile_inline: "FROM base\nMAINTAINER x\n", additional_contexts: {base: "service:good"}}}
            """);
        Assert.Equal("good\n\nCheck complete, no warnings found.\n", project.Run("build", "--check", "good").Succeeded().Output);
        var result = project.Run("build", "--check").ExitsWith(1);
        Assert.Contains("\nodd\n\nCheck complete, 1 warning has been found!\n\nWARNING: MaintainerDeprecated", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(project.Name, engine.Docker.Text("images", "--format", "{{.Repository}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_up_is_finished_by_the_next_one()
    {
        using var project = new ComposeProject(engine, """
            services:
              first: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, healthcheck: {test: "test -e /go", interval: 100ms, retries: 1000}}
              second: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, depends_on: {first: {condition: service_healthy}}}
            """);
        using (var up = project.Start("up", "-d"))
        {
            Eventually.True(() => project.Run("ps", "--format", "{{.Service}}").Output.Contains("first", StringComparison.Ordinal), () => up.Output);
            up.Signal("KILL");
        }
        var first = project.Ids("first");
        project.Run("exec", "-T", "first", "touch", "/go").Succeeded();
        project.Run("up", "-d").Succeeded();
        Assert.Equal(first, project.Ids("first"));
        Assert.Single(project.Ids("second"));
    }

    [Fact]
    public void A_secret_comes_out_of_the_encrypted_store()
    {
        // The store is the user's, and outlives the test.
        var secret = engine.NewName("secret");
        using var project = new ComposeProject(engine, $$$"""
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, command: "cat /run/secrets/word", secrets: [word]}
            secrets: {word: {external: true, name: "{{{secret}}}"}}
            """);
        Assert.Contains("unsupported external secret", project.Run("up").ExitsWithFailure().Error, StringComparison.Ordinal);
        engine.Client("gantry").RunWithInput("sesame", "compose", "secret", "set", secret).Succeeded();
        Assert.Contains("one-1  | sesame", project.Run("up").Succeeded().Output, StringComparison.Ordinal);
        engine.Client("gantry").Run("compose", "secret", "rm", secret).Succeeded();
    }

    [Fact]
    public void A_project_of_a_repository_is_included()
    {
        using var repository = new WorkFolder();
        Command.Shell(
            $"cd '{repository.Path}' && git init -q . && mkdir sub && printf 'services:\\n  remote: {{image: \"gantry-e2e:latest\", network_mode: none, command: echo from afar}}\\n' > sub/compose.yaml "
            + "&& git add -A && git -c user.name=t -c user.email=t@example.org commit -qm first && git branch elsewhere");
        using var project = new ComposeProject(engine, $$"""
            include: ["file://{{repository.Path}}#elsewhere:sub"]
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, command: "true"}
            """);
        Assert.Equal(["one", "remote"], project.Run("config", "--services").Lines.Order(StringComparer.Ordinal));
        Assert.Contains("remote-1  | from afar", project.Run("up").Succeeded().Output, StringComparison.Ordinal);
        project.Run("-f", $"file://{repository.Path}#nowhere", "config").ExitsWithFailure();
    }
}
