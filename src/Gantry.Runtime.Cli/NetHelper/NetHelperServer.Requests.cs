using Gantry.Oci;
using Gantry.Os;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Cli.NetHelper.Forwarding;
using Gantry.Runtime.Keeper.Protocol;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.NetHelper;

/// <summary>What daemons ask for. All of it may be asked again, and changes nothing then.</summary>
internal sealed partial class NetHelperServer
{
    /// <inheritdoc/>
    public uint Magic => NetHelperProtocol.Magic;

    /// <inheritdoc/>
    public int Version => NetHelperProtocol.Version;

    /// <inheritdoc/>
    public void Dispatch(ControlConnection connection, Frame frame, ref MessageReader reader)
    {
        switch (frame.Header.Type)
        {
            case MessageType.List:
                List(connection, frame.Header.RequestId);
                break;
            case NetHelperProtocol.Serve:
                Serve(ServedContainer.Read(ref reader), frame.Descriptors);
                break;
            case NetHelperProtocol.StopServing:
                _names.StopServing(reader.Text());
                break;
            case NetHelperProtocol.Publish:
                _names.Publish(PublishedNames.Read(ref reader));
                break;
            case NetHelperProtocol.Withdraw:
                _names.Withdraw(reader.Text(), reader.Text());
                break;
            case NetHelperProtocol.Hold:
                Hold(reader.Text(), null, frame.Descriptors);
                break;
            case NetHelperProtocol.Forward:
                Hold(reader.Text(), PortForward.Read(ref reader), frame.Descriptors);
                break;
            case NetHelperProtocol.Release:
                Release(reader.Text());
                break;
            case NetHelperProtocol.Status:
                SendStatus(connection, frame.Header.RequestId);
                return;
            default:
                throw new InvalidDataException($"a message of the unknown type {frame.Header.Type}");
        }
        reader.End();
        connection.Send(new MessageWriter(MessageType.Done, frame.Header.RequestId));
    }

    private void Serve(ServedContainer container, IReadOnlyList<Fd> descriptors)
    {
        switch (descriptors)
        {
            case []:
                if (!_names.Update(container))
                    throw GantryException.NotFound($"the names of the container {container.Id} are not served");
                break;
            case [var datagrams, var listener, var networkNamespace]:
                _names.Serve(container, new ResolverSockets(datagrams, listener, networkNamespace));
                break;
            default:
                throw new InvalidDataException($"a container with {descriptors.Count} descriptors");
        }
    }

    private void Hold(string key, PortForward? forward, IReadOnlyList<Fd> descriptors)
    {
        if (descriptors.Count == 0 || forward is not null && descriptors.Count != 1)
            throw new InvalidDataException($"{descriptors.Count} sockets to hold");
        Release(key);
        _held.Add(key, new HeldSockets(_loop, descriptors, forward));
    }

    private void Release(string key)
    {
        if (_held.Remove(key, out var held))
            held.Dispose();
    }

    private void List(ControlConnection connection, ulong requestId)
    {
        foreach (var (container, sockets) in _names.Containers)
        {
            var message = new MessageWriter(MessageType.ListItem, requestId).Byte(Runtime.NetHelper.NetHelper.ContainerItem);
            container.Write(message);
            connection.Send(message.Descriptor(sockets.Datagrams).Descriptor(sockets.Listener).Descriptor(sockets.NetworkNamespace));
        }
        foreach (var names in _names.Published)
        {
            var message = new MessageWriter(MessageType.ListItem, requestId).Byte(Runtime.NetHelper.NetHelper.NamesItem);
            names.Write(message);
            connection.Send(message);
        }
        foreach (var (key, held) in _held)
        {
            var message = new MessageWriter(MessageType.ListItem, requestId).Byte(Runtime.NetHelper.NetHelper.HeldItem).Text(key)
                .Byte(held.Forward is null ? (byte)0 : (byte)1);
            held.Forward?.Write(message);
            foreach (var socket in held.Sockets)
                message.Descriptor(socket);
            connection.Send(message);
        }
    }

    private void SendStatus(ControlConnection connection, ulong requestId) => connection.Send(new MessageWriter(NetHelperProtocol.StatusReply, requestId)
        .Int32(_names.ContainerCount).Int32(_names.Published.Count).Int32(_held.Count)
        .Int64(_names.Queries).Int64(_names.Forwarded).Int64(_names.CacheHits).Int64(_names.Unanswered));
}
