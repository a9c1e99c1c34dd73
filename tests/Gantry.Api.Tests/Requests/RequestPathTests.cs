using Gantry.Api.Routing;

namespace Gantry.Api.Tests.Requests;

public class RequestPathTests
{
    [Theory]
    [InlineData("/v1.40/containers/json", "1.40", "containers,json")]
    [InlineData("/containers/json", null, "containers,json")]
    [InlineData("/networks/", null, "networks")]
    [InlineData("/v1.x/info", null, "v1.x,info")]
    [InlineData("/volumes/v1.2", null, "volumes,v1.2")]
    [InlineData("/images/a%2fb/json", null, "images,a/b,json")]
    [InlineData("/", null, "")]
    public void Paths_are_taken_apart(string path, string? version, string segments)
    {
        var parsed = RequestPath.Parse(path);
        Assert.Equal(version, parsed.Version?.ToString());
        Assert.Equal(segments, string.Join(',', parsed.Segments.ToArray()));
    }

    [Theory]
    [InlineData("GET", "/images/a/b/c/json", "inspect a/b/c")]
    [InlineData("GET", "/images/json", "list")]
    [InlineData("GET", "/images/json/json", "inspect json")]
    [InlineData("DELETE", "/images/a/b", "remove a/b")]
    [InlineData("DELETE", "/images", null)]
    [InlineData("GET", "/images//json", null)]
    public void Names_of_images_may_have_slashes(string method, string path, string? answer)
    {
        var called = "";
        var routes = new RouteTable()
            .Add("GET", "/images/json", _ => Task.FromResult(called = "list"))
            .Add("GET", "/images/{name...}/json", call => Task.FromResult(called = $"inspect {call.Path("name")}"))
            .Add("DELETE", "/images/{name...}", call => Task.FromResult(called = $"remove {call.Path("name")}"));
        var values = new List<KeyValuePair<string, string>>();
        var route = routes.Find(method, RequestPath.Parse(path).Segments, values);
        route?.Handler(new Api.Requests.ApiCall(new Microsoft.AspNetCore.Http.DefaultHttpContext(), ApiVersion.Newest, values, new(new())));
        Assert.Equal(answer ?? "", called);
    }
}
