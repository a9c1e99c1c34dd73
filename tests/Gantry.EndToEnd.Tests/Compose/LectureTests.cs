using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>An engine with the base images that the projects of examples/lectures name: the real programs, out of Debian's packages.</summary>
public sealed class LectureEngine : IDisposable
{
    public LectureEngine()
    {
        Folder = Path.Combine(TestEnvironment.Root, "examples", "lectures");
        var script = Path.Combine(Folder, "make-stand-ins");
        var packages = Path.Combine(TestEnvironment.Root, "out", "stand-ins");
        Command.Run([script, "--prepare", packages]).Succeeded();
        Command.Run([script, packages], environment: new Dictionary<string, string> { ["GANTRY"] = string.Join(' ', Engine.Client("gantry").Prefix) })
            .Succeeded();
    }

    internal Engine Engine { get; } = new();

    internal string Folder { get; }

    public void Dispose() => Engine.Dispose();
}

/// <summary>The projects of the lectures come up as they are and do what they are for.</summary>
[Trait("Only", "Gantry")]
public sealed class LectureTests(LectureEngine lectures) : IClassFixture<LectureEngine>, IDisposable
{
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<string> _up = [];

    [Fact]
    public void A_web_application_with_its_database_behind_a_proxy()
    {
        Compose("django", "up", "-d").Succeeded();
        Assert.Equal("visit number 1", Answer(8000));
        Assert.Equal("visit number 2", Answer(8000));
        Assert.Equal(["db running", "nginx running", "web running", "web-init exited"],
            Compose("django", "ps", "-a", "--format", "{{.Service}} {{.State}}").Lines.Order(StringComparer.Ordinal));
        Assert.Equal("2", Compose("django", "exec", "-T", "db", "psql", "-U", "postgres", "-Atc", "SELECT count(*) FROM visits_visit").Text);
        Assert.Equal("nobody", Compose("django", "exec", "-T", "web", "id", "-un").Text);

        // The data outlives the containers.
        Compose("django", "down", "-t", "0").Succeeded();
        Compose("django", "up", "-d").Succeeded();
        Assert.Equal("visit number 3", Answer(8000));
    }

    [Fact]
    public void A_counter_in_redis()
    {
        Compose("flask-redis", "up", "-d").Succeeded();
        Assert.Equal("Hello! I have been seen 1 times.", Answer(5000));
        Assert.Equal("Hello! I have been seen 2 times.", Answer(5000));
        Assert.Equal("2", Compose("flask-redis", "exec", "-T", "redis", "redis-cli", "get", "hits").Text);
        Assert.Equal("1", Compose("flask-redis", "run", "--rm", "-T", "-e", "DEBUG=1", "web", "printenv", "DEBUG").Text);
        Compose("flask-redis", "stop", "-t", "0").Succeeded();
        Assert.Empty(Compose("flask-redis", "ps", "-q").Lines);
    }

    [Fact]
    public void A_database_whose_port_is_published()
    {
        Compose("flask-postgres", "up", "-d").Succeeded();
        Assert.StartsWith("PostgreSQL ", Answer(8000), StringComparison.Ordinal);
        Assert.Equal("0.0.0.0:8001", Compose("flask-postgres", "port", "db", "5432").Text);
    }

    [Fact]
    public void A_container_with_a_name_a_volume_and_a_network()
    {
        Compose("python-app", "up", "-d").Succeeded();
        using var answer = JsonDocument.Parse(Answer(5000));
        Assert.Equal("Hello from Dockerized Flask API!", answer.RootElement.GetProperty("message").GetString());
        var docker = lectures.Engine.Docker;
        Assert.Contains("GET request received at", docker.Text("exec", "my_python_app", "cat", "/app/data/log.txt"), StringComparison.Ordinal);
        Assert.Contains("python-app_app_net", docker.Text("network", "ls", "--format", "{{.Name}}"), StringComparison.Ordinal);
        Compose("python-app", "down", "-t", "0").Succeeded();
        Assert.Contains("python-app_app_data", docker.Text("volume", "ls", "-q"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tag_from_the_file_of_variables()
    {
        lectures.Engine.Client("gantry").Run("build", "-q", "-t", "webapp:v1.5", Path.Combine(lectures.Folder, "dotenv")).Succeeded();
        Assert.Contains("web-1  | webapp runs", Compose("dotenv", "up").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Node_application()
    {
        var gantry = lectures.Engine.Client("gantry");
        var name = lectures.Engine.NewName();
        gantry.Run("build", "--tag", "node-demo-image", Path.Combine(lectures.Folder, "node-demo")).Succeeded();
        gantry.Run("run", "-d", "-p", "8080:8080", "--name", name, "node-demo-image").Succeeded();
        Assert.Equal("Hello World!", Answer(8080));
        Assert.Equal("Server running at http://0.0.0.0:8080/", gantry.Text("logs", name));
        gantry.Run("rm", "-f", name).Succeeded();
    }

    public void Dispose()
    {
        foreach (var project in _up)
            Compose(project, "down", "-v", "-t", "0", "--rmi", "local");
    }

    private CommandResult Compose(string project, params string[] arguments)
    {
        if (!_up.Contains(project))
            _up.Add(project);
        return lectures.Engine.Client("gantry").Run(["compose", "--project-directory", Path.Combine(lectures.Folder, project), .. arguments]);
    }

    // The servers need their time to come up.
    private static string Answer(int port)
    {
        string? answer = null;
        Eventually.True(() => (answer = TryGet(port)) is not null, () => $"nothing answers at port {port}");
        return answer!;
    }

    private static string? TryGet(int port)
    {
        try
        {
            using var response = s_http.GetAsync(new Uri($"http://127.0.0.1:{port}/")).GetAwaiter().GetResult();
            return response.IsSuccessStatusCode ? response.Content.ReadAsStringAsync().GetAwaiter().GetResult().Trim() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
