using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Gantry.Api.Model;
using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Exec;

/// <summary>One client attached to an exec. It starts when the session runs, after the answer's head was sent, as docker's clients expect.</summary>
public sealed class ExecSession
{
    private readonly ExecInstance _exec;
    private readonly ExecStartRequest _start;
    private readonly ExecLauncher _launcher;
    private readonly ContainerEvents _events;
    private readonly Action<ExecInstance> _onFailure;

    internal ExecSession(
        ExecInstance exec, ExecStartRequest start, ExecLauncher launcher, ContainerEvents events, Action<ExecInstance> onFailure)
    {
        _exec = exec;
        _start = start;
        _launcher = launcher;
        _events = events;
        _onFailure = onFailure;
    }

    /// <summary>Whether it has a terminal: then the stream is raw, else in docker's frames.</summary>
    public bool Terminal => _exec.Request.Tty;

    /// <summary>Starts the process and streams until it has ended, the client is gone, or it detached.</summary>
    public async Task RunAsync(IDuplexPipe client, CancellationToken cancellation)
    {
        var request = _exec.Request;
        var (own, keeper) = AttachSockets.CreatePair();
        using var bridge = new StreamBridge(own, Terminal && request.AttachStdin ? DetachKeys.Parse(request.DetachKeys) : null);
        using (keeper)
        {
            try
            {
                var end = new AttachEnd(keeper, request.AttachStdin, request.AttachStdout, request.AttachStderr);
                await _launcher.LaunchAsync(_exec, end, _start.ConsoleSize ?? request.ConsoleSize);
            }
            catch (Exception e)
            {
                var failure = StartFailure.FromExec(_exec.EntryPoint, e);
                _exec.ExitCode = failure.ExitCode;
                _onFailure(_exec);
                await WriteErrorAsync(client.Output, failure.Error.Message + "\r\n");
                return;
            }
        }

        if (await bridge.RunAsync(client, cancellation))
            _events.Publish(_exec.Container, "exec_detach", ("execID", _exec.Id));
        else if (!cancellation.IsCancellationRequested)
            await _exec.Ended.Task.WaitAsync(cancellation); // The client asks for the exit code next: it has to be there.
    }

    private async Task WriteErrorAsync(PipeWriter client, string text)
    {
        const byte Stdout = 1; // Where docker's daemon writes it, too.
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!Terminal)
        {
            var head = new byte[8];
            head[0] = Stdout;
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), bytes.Length);
            await client.WriteAsync(head);
        }

        await client.WriteAsync(bytes);
    }
}
