using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Os.Tests.Sockets;

public sealed class SenderSocketTests
{
    [Fact]
    public void The_reader_learns_who_wrote_and_when_nobody_will()
    {
        var (reader, writer) = SenderSocket.CreatePair();
        using (reader)
        {
            using (writer)
                FileData.Write(writer, "xy"u8);
            Assert.Equal(Environment.ProcessId, SenderSocket.ReadByte(reader));
            Assert.Equal(Environment.ProcessId, SenderSocket.ReadByte(reader));
            Assert.Null(SenderSocket.ReadByte(reader));
        }
    }

    [Fact]
    public async Task A_wait_is_ended_from_another_thread()
    {
        var (reader, writer) = SenderSocket.CreatePair();
        using (reader)
        using (writer)
        {
            var wait = Task.Factory.StartNew(() => SenderSocket.ReadByte(reader), TaskCreationOptions.LongRunning);
            UnixSocket.Shutdown(reader);
            Assert.Null(await wait);
        }
    }
}
