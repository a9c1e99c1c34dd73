using Gantry.Oci.Values;

namespace Gantry.Oci.Tests.Values;

public class ValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1024", 1024)]
    [InlineData("10b", 10)]
    [InlineData("2k", 2048)]
    [InlineData("64m", 64 << 20)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("5 GB", 5L << 30)]
    [InlineData("5. GB", 5L << 30)]
    [InlineData("5.GB", 5L << 30)]
    [InlineData("+5m", 5L << 20)]
    [InlineData("1e3", 1000)]
    [InlineData("1Pb", 1L << 50)]
    public void A_size_is_read(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("", "invalid size: ''")]
    [InlineData("x", "invalid size: 'x'")]
    [InlineData("-5", "invalid size: '-5'")]
    [InlineData("5  GB", "invalid size: '5  GB'")]
    [InlineData("5b ", "invalid size: '5b '")]
    [InlineData(" 5m", "invalid size: ' 5m'")]
    [InlineData("inf", "invalid size: 'inf'")]
    [InlineData("9999999p", "invalid size: '9999999p'")]
    [InlineData("5x", "invalid suffix: 'x'")]
    [InlineData("5bb", "invalid suffix: 'bb'")]
    public void What_is_none_is_told_in_docker_s_words(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => ByteSize.Parse(text)).Message);

    [Theory]
    [InlineData("1", true)]
    [InlineData("True", true)]
    [InlineData("f", false)]
    [InlineData("FALSE", false)]
    [InlineData("yes", null)]
    [InlineData("tRUE", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_boolean_is_one_of_Go_s(string? text, bool? value) => Assert.Equal(value, GoBoolean.Parse(text));
}
