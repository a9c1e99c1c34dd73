namespace Gantry.Compose.Tests;

/// <summary>What is wrong in a file is told with the line, the path, and what was probably meant.</summary>
public class MistakeTests
{
    [Theory]
    [InlineData("services:\n  web:\n    image: x\n    comand: y\n",
        "services.web additional properties 'comand' not allowed (line 4; did you mean 'command'?)")]
    [InlineData("services:\n  web:\n    image: x\n    dependsOn: [y]\n", "did you mean 'depends_on'?")]
    [InlineData("service:\n  web: {image: x}\n", "did you mean 'services'?")]
    [InlineData("services:\n  web:\n    image: x\n    healthcheck:\n      intervall: 1s\n",
        "services.web.healthcheck additional properties 'intervall' not allowed (line 5; did you mean 'interval'?)")]
    [InlineData("services:\n  web:\n    image: x\n    ports: 80\n", "services.web.ports must be a array (line 4)")]
    [InlineData("services:\n  web:\n    image: x\n    image: y\n", "line 4: mapping key \"image\" already defined at line 3")]
    [InlineData("services:\n  web:\n    image: x\n   y: z\n", "line 4")]
    [InlineData("services:\n  web: &a\n    image: x\n    x-y: *a\n", "contains itself")]
    [InlineData("services:\n  web:\n    <<: x\n", "map merge requires map")]
    [InlineData("services:\n  1: {image: x}\n", "non-string key in services: 1")]
    [InlineData("services:\n  web:\n    image: x\n    stop_grace_period: '10'\n", ":4: a duration such as 1m30s is expected, not '10'")]
    [InlineData("services:\n  web:\n    image: x\n    environment: ['A =b']\n", "environment variable A  is declared with a trailing space")]
    public void A_mistake_is_told(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ComposeException>(() => LoadedProject.Of(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cgroup: hosts", "cgroup value must be one of 'host', 'private' (line 4; did you mean 'host'?)")]
    [InlineData("depends_on: {db: {condition: service_helthy}}",
        "depends_on.db.condition value must be one of 'service_started', 'service_healthy', 'service_completed_successfully' (line 4; did you mean 'service_healthy'?)")]
    [InlineData("volumes: [{type: bnd, target: /b}]",
        "volumes.0.type value must be one of 'bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image' (line 4; did you mean 'bind'?)")]
    [InlineData("volumes: [{type: bind, target: /b, bind: {recursive: enable}}]", "did you mean 'enabled'?")]
    [InlineData("volumes: [{type: bind, target: /b, bind: {selinux: x}}]", "volumes.0.bind.selinux value must be one of 'z', 'Z' (line 4")]
    [InlineData("develop: {watch: [{path: ., action: snyc}]}",
        "develop.watch.0.action value must be one of 'rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec' (line 4")]
    [InlineData("deploy: {update_config: {order: start-frist}}",
        "deploy.update_config.order value must be one of 'start-first', 'stop-first' (line 4; did you mean 'start-first'?)")]
    [InlineData("deploy: {rollback_config: {order: stop}}", "deploy.rollback_config.order value must be one of 'start-first', 'stop-first' (line 4)")]
    [InlineData("gpus: al", "gpus value must be 'all' (line 4; did you mean 'all'?)")]
    [InlineData("container_name: -x", "container_name '-x' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+' (line 4)")]
    [InlineData("pull_policy: alway", "pull_policy 'alway' does not match pattern 'always|never|")]
    [InlineData("cpu_count: -1", "cpu_count must be greater than or equal to 0 (line 4)")]
    [InlineData("cpu_percent: 101", "cpu_percent must be less than or equal to 100 (line 4)")]
    [InlineData("oom_score_adj: -1001", "oom_score_adj must be greater than or equal to -1000 (line 4)")]
    [InlineData("oom_score_adj: 1001", "oom_score_adj must be less than or equal to 1000 (line 4)")]
    [InlineData("volumes: [{type: tmpfs, target: /b, tmpfs: {size: -1}}]", "volumes.0.tmpfs.size must be greater than or equal to 0 (line 4)")]
    [InlineData("depends_on: {db: {restart: true}}", "depends_on.db missing property 'condition' (line 4)")]
    [InlineData("devices: [{target: /x}]", "devices.0 missing property 'source' (line 4)")]
    [InlineData("extends: {file: x}", "extends missing property 'service' (line 4)")]
    [InlineData("provider: {options: {}}", "provider missing property 'type' (line 4)")]
    [InlineData("volumes: [{source: /x}]", "volumes.0 missing property 'type' (line 4)")]
    [InlineData("develop: {watch: [{path: .}]}", "develop.watch.0 missing property 'action' (line 4)")]
    [InlineData("deploy: {resources: {reservations: {devices: [{count: 1}]}}}",
        "deploy.resources.reservations.devices.0 missing property 'capabilities' (line 4)")]
    [InlineData("post_start: [{user: root}]", "post_start.0 missing property 'command' (line 4)")]
    [InlineData("env_file: [{required: true}]", "env_file.0 missing property 'path' (line 4)")]
    [InlineData("ulimits: {nofile: {soft: 1}}", "ulimits.nofile missing property 'hard' (line 4)")]
    public void A_value_that_is_not_allowed_is_told(string attribute, string expected)
    {
        var message = Assert.Throws<ComposeException>(() => LoadedProject.Of($"services:\n  web:\n    image: x\n    {attribute}\n")).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("compose.yaml: services.web.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services: [a]\n", ":1: services must be a mapping")]
    [InlineData("services:\n  web: x\n", ":2: services.web must be a mapping")]
    [InlineData("services:\n  web:\n    image: x\n    networks: [nope]\n", ":4: service \"web\" refers to undefined network nope")]
    [InlineData("services:\n  web:\n    image: x\n    env_file: no.env\n", ":4: env file ")]
    [InlineData("services:\n  a:\n    image: x\n    depends_on: [b]\n  b:\n    image: x\n    depends_on: [a]\n", ":4: dependency cycle detected: a -> b -> a")]
    [InlineData("services:\n  web:\n    image: x\n    tmpfs: /a\n    volumes: ['/a']\n",
        ":5: services.web.volumes[0]: target /a already mounted as services.web.tmpfs[0]")]
    [InlineData("models:\n  m:\n    context_size: 1\nservices: {a: {image: x}}\n", "models.m missing property 'model' (line 3)")]
    public void What_does_not_fit_together_is_told_with_its_line(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ComposeException>(() => LoadedProject.Of(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_of_aliases_do_not_fill_the_memory()
    {
        var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(static level =>
            $"x-{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n"));
        Assert.Contains("excessive aliasing", Assert.Throws<ComposeException>(() => LoadedProject.Of(text + "services: {web: {image: x}}\n")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_without_a_value_is_told_once_for_each_place()
    {
        var warnings = new List<string>();
        LoadedProject.Of("services: {web: {image: 'x${NOPE}'}}\n", warnings.Add);
        Assert.Equal(["The \"NOPE\" variable is not set. Defaulting to a blank string."], warnings);
    }
}
