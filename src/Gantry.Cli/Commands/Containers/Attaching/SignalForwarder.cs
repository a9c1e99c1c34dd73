using System.Runtime.InteropServices;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>Hands the signals that this process gets on to a container (<c>--sig-proxy</c>), until it is disposed.</summary>
internal sealed class SignalForwarder : IDisposable
{
    private readonly EngineClient _client;
    private readonly string _container;
    private readonly List<PosixSignalRegistration> _registrations = [];

    public SignalForwarder(EngineClient client, string container)
    {
        _client = client;
        _container = container;
        // Numbers of signal(7) that .NET has no name for are the kernel's.
        ReadOnlySpan<(PosixSignal Signal, string Name)> signals =
        [
            (PosixSignal.SIGHUP, "HUP"), (PosixSignal.SIGINT, "INT"), (PosixSignal.SIGQUIT, "QUIT"), (PosixSignal.SIGTERM, "TERM"),
            ((PosixSignal)10, "USR1"), ((PosixSignal)12, "USR2"), (PosixSignal.SIGCONT, "CONT"),
        ];
        foreach (var (signal, name) in signals)
            _registrations.Add(PosixSignalRegistration.Create(signal, context => Forward(context, name)));
    }

    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());

    private void Forward(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        try
        {
            _client.KillContainerAsync(_container, name).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is ClientException or IOException)
        {
            // The container has ended meanwhile: there is nobody to tell.
        }
    }
}
