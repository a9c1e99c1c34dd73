using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>Attributes of services that need more than a container.</summary>
public sealed class ServiceAttributeTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public void A_program_provides_a_service_and_its_variables()
    {
        using var programs = new WorkFolder();
        Script(programs.File("e2e-provider"), """
            if [ "$2" = metadata ]; then echo '{"description":"a test","up":{"parameters":[{"name":"size","required":true}]},"down":{},"stop":{}}'; exit; fi
            echo "$@" >> "$(dirname "$0")/calls"
            case $3 in up)
              echo '{"type":"info","message":"making it"}'; echo '{"type":"setenv","message":"URL=http://there"}'; echo '{"type":"rawsetenv","message":"PLAIN=yes"}'
              echo '{"type":"get-service-config"}'; read config; echo "$config" > "$(dirname "$0")/config";;
            esac
            """);
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, command: env, depends_on: [base]}
              base: {provider: {type: e2e-provider, options: {size: 3, unknown: x}}}
            """)
        { Environment = new() { ["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}" } };
        var up = project.Run("up").Succeeded();
        Assert.Contains("one-1  | BASE_URL=http://there", up.Output, StringComparison.Ordinal);
        Assert.Contains("one-1  | PLAIN=yes", up.Output, StringComparison.Ordinal);
        Assert.Contains("base  making it", up.Error, StringComparison.Ordinal);
        Assert.Contains("\"provider\":{\"type\":\"e2e-provider\"", File.ReadAllText(programs.File("config")), StringComparison.Ordinal);
        project.Run("stop").Succeeded();
        project.Run("down").Succeeded();
        Assert.Equal(
            [$"compose --project-name={project.Name} up --size=3 base", $"compose --project-name={project.Name} stop base",
                $"compose --project-name={project.Name} down base"],
            File.ReadAllLines(programs.File("calls")));
    }

    [Fact]
    public void A_provider_that_fails_or_is_not_there_is_told()
    {
        using var programs = new WorkFolder();
        Script(programs.File("e2e-provider"), """[ "$2" = metadata ] && exit 1; echo '{"type":"error","message":"no room"}'""");
        const string file = """
            services: {base: {provider: {type: e2e-provider}}}
            """;
        using var project = new ComposeProject(engine,
            file) { Environment = new() { ["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}" } };
        Assert.Contains("no room", project.Run("up", "-d").ExitsWith(1).Error, StringComparison.Ordinal);
        project.Write(file.Replace("e2e-provider", "e2e-nobody", StringComparison.Ordinal));
        Assert.Contains("exec: \"e2e-nobody\": executable file not found in $PATH", project.Run("up", "-d").ExitsWith(1).Error, StringComparison.Ordinal);
        project.Write("services: {}");
    }

    [Fact]
    public void Language_models_are_seen_to_by_their_plugin()
    {
        using var config = new WorkFolder();
        Directory.CreateDirectory(config.File("cli-plugins"));
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, command: env, models: {llm: {model_var: NAME}}}
            models: {llm: {model: "ai/small", context_size: 100}}
            """)
        { Environment = new() { ["DOCKER_CONFIG"] = config.Path } };
        Assert.Contains("'models' support requires Docker Model plugin", project.Run("up").ExitsWith(1).Error, StringComparison.Ordinal);
        Script(config.File("cli-plugins/docker-model"), """
            echo "$@" >> "$(dirname "$0")/calls"
            case $1 in ls) echo '[{"id":"x","tags":["ai/other"]}]';; status) echo '{"endpoint":"http://models/v1"}';; esac
            """);
        var up = project.Run("up").Succeeded();
        Assert.Contains("one-1  | NAME=ai/small", up.Output, StringComparison.Ordinal);
        Assert.Contains("one-1  | LLM_URL=http://models/v1", up.Output, StringComparison.Ordinal);
        Assert.Equal(["ls --json", "status --json", "pull ai/small", "configure --context-size 100 ai/small"],
            File.ReadAllLines(config.File("cli-plugins/calls")));
    }

    [Fact]
    public void What_is_to_be_done_before_the_start_is_done_in_containers_with_the_same_volumes()
    {
        const string file = """
            services:
              one:
                image: gantry-e2e:latest
                network_mode: none
                command: sh -c 'cat /data/file; exec sleep 1000'
                stop_grace_period: 0s
                volumes: ["data:/data"]
                pre_start:
                  - {command: "sh -c 'echo prepared by $$WHO > /data/file; exit $$CODE'", environment: {WHO: me, CODE: "0"}}
                  - {command: "sh -c 'id -u >> /data/ids'", user: "7:7", per_replica: true, privileged: false, working_dir: /}
            volumes: {data: }
            """;
        using var project = new ComposeProject(engine, file.Replace("\"7:7\"", "\"0\"", StringComparison.Ordinal));
        project.Run("up", "-d", "--scale", "one=2").Succeeded();
        Assert.Equal("prepared by me", project.Run("exec", "-T", "one", "cat", "/data/file").Text);
        Assert.Equal(["0", "0"], project.Run("exec", "-T", "one", "cat", "/data/ids").Lines);
        Assert.Equal(2, engine.Docker.Run("ps", "-aq", "--filter", $"label=com.docker.compose.project={project.Name}").Lines.Length);

        // One that fails keeps the service from starting, and is there to be looked at until the project goes.
        project.Write(file.Replace("CODE: \"0\"", "CODE: \"3\"", StringComparison.Ordinal).Replace("exit", "echo so what; exit", StringComparison.Ordinal));
        Assert.Contains("pre_start[0] exited with status 3: so what", project.Run("up", "-d").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Empty(project.Ids("one"));
        Assert.Contains($"{project.Name}-one-pre_start-0", engine.Docker.Text("ps", "-a", "--format", "{{.Names}}"), StringComparison.Ordinal);
        project.Run("down").Succeeded();
        Assert.Empty(engine.Docker.Run("ps", "-aq", "--filter", $"label=com.docker.compose.project={project.Name}").Lines);
    }

    [Fact]
    public void A_service_that_wants_it_has_the_socket_of_the_engine()
    {
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, use_api_socket: true, command: "sh -c 'test -S /var/run/docker.sock && cat $$DOCKER_CONFIG/config.json'"}
              two: {image: "gantry-e2e:latest", network_mode: none, command: "sh -c 'test ! -e /var/run/docker.sock && test ! -e /run/secrets/docker && echo nothing'"}
            """);
        var up = project.Run("up").Succeeded();
        Assert.Contains("one-1  | {\"auths\":{}}", up.Output, StringComparison.Ordinal);
        Assert.Contains("two-1  | nothing", up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_host_cannot_give_is_told()
    {
        using var project = new ComposeProject(engine, """
            services:
              one:
                image: gantry-e2e:latest
                network_mode: none
                credential_spec: {file: spec.json}
                deploy: {mode: replicated, endpoint_mode: vip, replicas: 2, placement: {constraints: ["node.platform.os == linux", "node.labels.disk == ssd"], max_replicas_per_node: 1}}
            """);
        var error = project.Run("create").Succeeded().Error;
        Assert.Contains(":5: services.one.credential_spec: service accounts", error, StringComparison.Ordinal);
        Assert.Contains(":6: services.one.deploy.endpoint_mode: there are no virtual addresses", error, StringComparison.Ordinal);
        Assert.Contains("services.one.deploy.placement.max_replicas_per_node: 2 replicas are on one host", error, StringComparison.Ordinal);
        Assert.Contains(@"services.one.deploy.placement.constraints: \""node.labels.disk == ssd\"" does not hold", error, StringComparison.Ordinal);
        Assert.DoesNotContain("node.platform.os", error, StringComparison.Ordinal);
    }

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
