using System.Buffers.Binary;
using System.Net;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>
/// Gives out the IPv4 addresses of a subnet. It goes round: an address that was given back is the last to be given out again, since others
/// may still know it by its last owner. Safe for use by several threads.
/// </summary>
public sealed class AddressAllocator
{
    private readonly IPNetwork _subnet;
    private readonly uint _first;
    private readonly uint _last;
    private readonly HashSet<uint> _taken = [];
    private readonly Lock _gate = new();
    private uint _next;

    /// <summary>Makes one for a pool whose texts are valid (<see cref="SubnetPool.Parse"/>).</summary>
    public AddressAllocator(SubnetPool pool)
    {
        _subnet = pool.Subnet;
        var range = pool.Range ?? pool.Subnet;
        _first = Number(range.BaseAddress);
        _last = _first | HostBits(range.PrefixLength);
        _next = _first;
        if (pool.Subnet.PrefixLength < 31)
        {
            // The network's own address, and that of all its machines.
            _taken.Add(Number(pool.Subnet.BaseAddress));
            _taken.Add(Number(pool.Subnet.BaseAddress) | HostBits(pool.Subnet.PrefixLength));
        }
        _taken.UnionWith(pool.Reserved.Append(pool.Gateway).Select(Number));
    }

    /// <summary>Takes the next free address.</summary>
    /// <exception cref="GantryException">None is free.</exception>
    public IPAddress Take()
    {
        lock (_gate)
        {
            for (ulong tried = 0; tried <= _last - _first; tried++)
            {
                var candidate = _next;
                _next = _next == _last ? _first : _next + 1;
                if (_taken.Add(candidate))
                    return Address(candidate);
            }
        }
        throw new GantryException(ErrorKind.Forbidden, $"no available IPv4 addresses on this network's address pools: {_subnet} has none left between {Address(_first)} and {Address(_last)}");
    }

    /// <summary>Takes a certain address.</summary>
    /// <exception cref="GantryException">It is not in the subnet, or taken.</exception>
    public IPAddress Take(IPAddress address)
    {
        if (!_subnet.Contains(address))
            throw GantryException.Invalid($"no configured subnet contains IP address {address}");
        lock (_gate)
        {
            var number = Number(address);
            if (!_taken.Add(number))
                throw new GantryException(ErrorKind.Forbidden, "Address already in use");
            // What comes next is behind the addresses that a daemon before this one gave out.
            if (number >= _first && number < _last && number >= _next)
                _next = number + 1;
            return address;
        }
    }

    /// <summary>Gives an address back.</summary>
    public void Release(IPAddress address)
    {
        lock (_gate)
            _taken.Remove(Number(address));
    }

    private static uint HostBits(int prefixLength) => prefixLength == 0 ? uint.MaxValue : (uint)((1UL << (32 - prefixLength)) - 1);

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress Address(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
