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
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("SIG")]
    [InlineData("SIGFLY")]
    [InlineData("RTMIN+31")]
    public void Refuses_others(string text) =>
        Assert.Equal($"invalid signal: {text}", Assert.Throws<GantryException>(() => SignalNames.Parse(text)).Message);
}
