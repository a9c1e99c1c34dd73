using Gantry.Api.Build;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Build.Graph;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Tests.Build;

/// <summary>The parameters of <c>POST /build</c>; texts as Docker 28.5.2 gives them, where it refuses.</summary>
public class ClassicBuildQueryTests
{
    [Fact]
    public void Nothing_is_needed()
    {
        using var call = Call("");
        var options = ClassicBuildQuery.Options(call);
        Assert.True(options.IsClassic);
        Assert.Equal((StepNetwork.Default, ""), (options.Network, options.NetworkName));
        Assert.Empty(options.Arguments);
        Assert.Empty(options.ExtraHosts);
        Assert.Empty(ClassicBuildQuery.Names(call));
        Assert.Empty(ClassicBuildQuery.CacheFrom(call));
        Assert.False(ClassicBuildQuery.AsksForOutputs(call));
    }

    [Fact]
    public void An_argument_without_a_value_is_named_but_not_set()
    {
        using var call = Call("buildargs={\"A\":\"1\",\"B\":null,\"C\":\"\"}");
        Assert.Equal([new("A", "1"), new("C", "")], ClassicBuildQuery.Options(call).Arguments);
        Assert.Equal(["A", "B", "C"], ClassicBuildQuery.ArgumentNames(call));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("")]
    public void There_may_be_no_arguments(string text)
    {
        using var call = Call($"buildargs={text}");
        Assert.Empty(ClassicBuildQuery.Options(call).Arguments);
        Assert.Empty(ClassicBuildQuery.ArgumentNames(call));
    }

    [Theory]
    [InlineData("", StepNetwork.Default, "")]
    [InlineData("default", StepNetwork.Default, "")]
    [InlineData("bridge", StepNetwork.Default, "")]
    [InlineData("none", StepNetwork.None, "")]
    [InlineData("host", StepNetwork.Host, "")]
    [InlineData("mine", StepNetwork.Named, "mine")]
    [InlineData("container:web", StepNetwork.Named, "container:web")]
    public void Steps_have_the_network_that_is_named(string mode, StepNetwork network, string name)
    {
        using var call = Call($"networkmode={mode}");
        var options = ClassicBuildQuery.Options(call);
        Assert.Equal((network, name), (options.Network, options.NetworkName));
    }

    [Fact]
    public void Each_further_host_is_a_parameter_of_its_own()
    {
        using var call = Call("extrahosts=a:1.2.3.4&extrahosts=b:1.2.3.5,c:1.2.3.6");
        Assert.Equal(["a:1.2.3.4", "b:1.2.3.5,c:1.2.3.6"], ClassicBuildQuery.Options(call).ExtraHosts);
    }

    [Fact]
    public void Limits_are_read()
    {
        using var call = Call("ulimits=[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":2}]&memory=1&memswap=-1&cpushares=2&cpuperiod=3&cpuquota=4&cpusetcpus=0&shmsize=5");
        var options = ClassicBuildQuery.Options(call);
        Assert.Equal(["nofile=1:2"], options.Ulimits);
        Assert.Equal(5, options.ShmSize);
        Assert.Equal(
            new StepResources { Memory = 1, MemorySwap = -1, CpuShares = 2, CpuPeriod = 3, CpuQuota = 4, CpusetCpus = "0" }, options.Resources);
    }

    [Theory]
    [InlineData("buildargs=oops", "error reading build args: invalid character 'o' looking for beginning of value")]
    [InlineData("buildargs={\"A\":1}", "error reading build args: the value of A is no string")]
    [InlineData("labels=oops", "error reading labels: invalid character 'o' looking for beginning of value")]
    [InlineData("ulimits=oops", "error reading ulimit settings: invalid character 'o' looking for beginning of value")]
    [InlineData("securityopt=oops", "security options are not supported on linux")]
    [InlineData("securityopt=[\"a\"]", "security options are not supported on linux")]
    [InlineData("isolation=hyperv", "unsupported isolation: \"hyperv\"")]
    [InlineData("squash=1", "squash is only supported with experimental mode")]
    [InlineData("platform=foo", "\"foo\": unknown operating system or architecture: invalid argument")]
    [InlineData("memory=oops", "invalid value \"oops\" of memory: a whole number is expected")]
    [InlineData("memswap=oops", "invalid value \"oops\" of memswap: a whole number is expected")]
    [InlineData("cpushares=oops", "invalid value \"oops\" of cpushares: a whole number is expected")]
    [InlineData("cpuperiod=oops", "invalid value \"oops\" of cpuperiod: a whole number is expected")]
    [InlineData("cpuquota=oops", "invalid value \"oops\" of cpuquota: a whole number is expected")]
    [InlineData("shmsize=oops", "invalid value \"oops\" of shmsize: a whole number is expected")]
    public void What_is_malformed_is_told(string query, string message)
    {
        using var call = Call(query);
        var error = Assert.Throws<GantryException>(() => ClassicBuildQuery.Options(call));
        Assert.Equal((ErrorKind.InvalidArgument, message), (error.Kind, error.Message));
    }

    [Fact]
    public void Caches_outputs_and_names_that_are_malformed_are_told()
    {
        using var call = Call("cachefrom=oops&outputs=oops&t=a@sha256:0000000000000000000000000000000000000000000000000000000000000000");
        Assert.Equal("error reading cache-from: invalid character 'o' looking for beginning of value",
            Assert.Throws<GantryException>(() => ClassicBuildQuery.CacheFrom(call)).Message);
        Assert.Equal("invalid outputs specified: invalid character 'o' looking for beginning of value",
            Assert.Throws<GantryException>(() => ClassicBuildQuery.AsksForOutputs(call)).Message);
        Assert.Equal("build tag cannot contain a digest", Assert.Throws<GantryException>(() => ClassicBuildQuery.Names(call)).Message);
    }

    private static ApiCall Call(string query)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString("?" + query);
        return new ApiCall(http, ApiVersion.Newest, [], new(new()));
    }
}
