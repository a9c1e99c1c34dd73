using System.Net;
using System.Text;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>Classic builds whose context is elsewhere: <c>POST /build?remote=</c>.</summary>
public sealed class RemoteContextTests : IClassFixture<Engine>, IDisposable
{
    private readonly Engine _engine;
    private readonly WorkFolder _work = new();
    private readonly HttpListener _web = new();
    private readonly string _address;

    public RemoteContextTests(Engine engine)
    {
        _engine = engine;
        using (var port = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            port.Start();
            _address = $"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}/";
        }
        _web.Prefixes.Add(_address);
        _web.Start();
        _ = ServeAsync();
        File.WriteAllText(_work.File("Dockerfile"), $"FROM {Engine.Image}\nLABEL from=first\n");
        File.WriteAllText(_work.File("Other"), $"FROM {Engine.Image}\nLABEL from=other\nCOPY Dockerfile /copied\n");
        Command.Run(["tar", "czf", _work.File("context.tar.gz"), "-C", _work.File(""), "Dockerfile", "Other"]).Succeeded();
    }

    public void Dispose()
    {
        _web.Close();
        _work.Dispose();
    }

    [Theory]
    [InlineData("Dockerfile", "", "first")]
    [InlineData("Other?x=1", "Missing", "other")] // A file alone is the Dockerfile, whatever is asked for.
    [InlineData("context.tar.gz", "", "first")]
    [InlineData("context.tar.gz", "Other", "other")]
    public void A_file_or_an_archive_from_the_web_is_built(string file, string dockerfile, string label)
    {
        // One that would copy from a context that is not there.
        if (file.StartsWith("Other", StringComparison.Ordinal))
            File.WriteAllText(_work.File("Other"), $"FROM {Engine.Image}\nLABEL from=other\n");
        var answer = RawHttp.Post(_engine, $"/build?t=e2e-remote&dockerfile={dockerfile}&remote={Uri.EscapeDataString(_address + file)}");
        Assert.Contains("Successfully built", answer.Body, StringComparison.Ordinal);
        Assert.Equal(label, _engine.Docker.Inspect("e2e-remote", "{{.Config.Labels.from}}"));
        _engine.Docker.Run("rmi", "e2e-remote").Succeeded();
    }

    [Fact]
    public void A_repository_is_built()
    {
        Command.Run(["sh", "-c", $"cd {_work.File("")} && git init -q -b main repo.git && cp Dockerfile repo.git && cd repo.git && git add . && git -c user.name=a -c user.email=b@c commit -qm x && git update-server-info && mv .git/* ."]).Succeeded();
        var answer = RawHttp.Post(_engine, $"/build?t=e2e-remote&remote={Uri.EscapeDataString(_address + "repo.git#main")}");
        Assert.Contains("Successfully built", answer.Body, StringComparison.Ordinal);
        _engine.Docker.Run("rmi", "e2e-remote").Succeeded();
    }

    [Fact]
    public void What_is_not_there_is_told()
    {
        Assert.Contains("remoteURL (somewhere) could not be recognized as URL", RawHttp.Post(_engine, "/build?remote=somewhere").Body, StringComparison.Ordinal);
        var missing = RawHttp.Post(_engine, $"/build?remote={Uri.EscapeDataString(_address + "missing")}");
        Assert.Equal(404, missing.Status);
        Assert.Contains("404", missing.Body, StringComparison.Ordinal);
    }

    private async Task ServeAsync()
    {
        while (_web.IsListening)
        {
            HttpListenerContext request;
            try
            {
                request = await _web.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            var file = _work.File(request.Request.Url!.AbsolutePath.TrimStart('/'));
            var content = File.Exists(file) ? File.ReadAllBytes(file) : Encoding.UTF8.GetBytes("not found");
            request.Response.StatusCode = File.Exists(file) ? 200 : 404;
            request.Response.ContentLength64 = content.Length;
            await request.Response.OutputStream.WriteAsync(content);
            request.Response.Close();
        }
    }
}
