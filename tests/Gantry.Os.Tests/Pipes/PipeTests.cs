using Gantry.Os.Pipes;

namespace Gantry.Os.Tests.Pipes;

public class PipeTests
{
    [Theory]
    [InlineData(4096)]
    [InlineData(256 * 1024)]
    public void A_pipe_holds_as_much_as_it_was_made_for(int capacity)
    {
        var pipe = Pipe.Create(capacity);
        using (pipe.Reader)
        using (pipe.Writer)
        {
            StreamIo.SetNonBlocking(pipe.Writer, true);
            Assert.Equal((capacity, default), StreamIo.Write(pipe.Writer, new byte[1024 * 1024]));
            Assert.Equal((capacity, default), StreamIo.Available(pipe.Reader));
        }
    }
}
