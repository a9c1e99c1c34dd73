using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Oci.Tests.Runtime;

public sealed class SignalNamesTests
{
    [Theory]
    [InlineData("9", 9)]
    [InlineData("KILL", 9)]
    [InlineData("sigkill", 9)]
    [InlineData("SIGHUP", 1)]
    [InlineData("WINCH", 28)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("RTMIN+3", 37)]
    [InlineData("SIGRTMAX-1", 63)]
    [InlineData("64", 64)]
    public void Reads_names_and_numbers(string text, int number) => Assert.Equal(number, SignalNames.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("SIG")]
    [InlineData("SIGFLY")]
    [InlineData("RTMIN+31")]
    public void Refuses_others(string text) =>
        Assert.Equal($"invalid signal: {text}", Assert.Throws<GantryException>(() => SignalNames.Parse(text)).Message);

    [Theory]
    [InlineData("65")]
    [InlineData("-1")]
    public void Numbers_that_are_none_of_the_kernel_s_are_told_as_docker_tells_them(string text) =>
        Assert.Equal($"the linux daemon does not support signal {text}", Assert.Throws<GantryException>(() => SignalNames.Parse(text)).Message);
}
