using Gantry.Api.Model;
using Gantry.Engine.Exec;

namespace Gantry.Api.Mapping;

/// <summary>Execs on the wire.</summary>
internal static class ExecMapping
{
    public static ExecInspectResponse ToInspect(ExecInstance exec) => new()
    {
        ID = exec.Id,
        Running = exec.Running,
        ExitCode = exec.ExitCode,
        ProcessConfig = new ExecProcessConfig
        {
            Tty = exec.Request.Tty,
            Entrypoint = exec.EntryPoint,
            Arguments = exec.Arguments,
            Privileged = exec.Request.Privileged,
            User = exec.Request.User,
        },
        OpenStdin = exec.Request.AttachStdin,
        OpenStderr = exec.Request.AttachStderr,
        OpenStdout = exec.Request.AttachStdout,
        ContainerID = exec.Container.Id,
        DetachKeys = exec.Request.DetachKeys,
        Pid = exec.Pid,
    };
}
