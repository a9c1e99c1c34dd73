using Gantry.Os.Netlink;

namespace Gantry.Os.Tests.Netlink;

public sealed class NetlinkMessageTests
{
    [Fact]
    public void A_message_is_header_attributes_and_padding()
    {
        var message = new NetlinkMessage(0x10, NetlinkFlags.Acknowledge).Raw([1, 2, 3, 4]).Text(3, "abcd").NetworkNumber(5, 0x01020304)
            .Nest(9, static nest => nest.Byte(1, 7));
        Assert.Equal(
            // length, type, flags (request and acknowledge), sequence, port
            "34000000" + "1000" + "0500" + "2A000000" + "00000000"
            + "01020304"
            + "0900" + "0300" + "6162636400000000" // five bytes of text, padded
            + "0800" + "0500" + "01020304"
            + "0C00" + "0980" + "0500" + "0100" + "07000000",
            Convert.ToHexString(message.Finish(42)));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var message = new NetlinkMessage(1, NetlinkFlags.None).Number(1, 77).Text(2, "gantry0").Nest(3, static nest => nest.NetworkNumber(4, 88));
        var attributes = new NetlinkAttributes(message.Finish(1)[NetlinkMessage.HeaderSize..]);
        Assert.True(attributes.Read());
        Assert.Equal((1, 77u), (attributes.Type, attributes.Number));
        Assert.True(attributes.Read());
        Assert.Equal((2, "gantry0"), (attributes.Type, attributes.Text));
        Assert.True(attributes.Read());
        var nested = attributes.Nested;
        Assert.True(nested.Read());
        Assert.Equal((3, 4, 88u), (attributes.Type, nested.Type, nested.NetworkNumber));
        Assert.False(attributes.Read());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0400")]
    [InlineData("03000100")] // shorter than its own header
    [InlineData("0900010000000000")] // longer than the message
    public void What_makes_no_sense_ends_the_reading(string bytes) => Assert.False(new NetlinkAttributes(Convert.FromHexString(bytes)).Read());
}
