using System.Net;
using System.Net.Sockets;
using Gantry.Oci;

namespace Gantry.Networking.Ipam;

/// <summary>
/// Gives out the addresses of a subnet. It goes round: an address that was given back is the last to be given out again, since others
/// may still know it by its last owner. Safe for use by several threads.
/// </summary>
public sealed class AddressAllocator
{
    private readonly IPNetwork _subnet;
    private readonly AddressFamily _family;
    private readonly UInt128 _first;
    private readonly UInt128 _last;
    private readonly HashSet<UInt128> _taken = [];
    private readonly Lock _gate = new();
    private UInt128 _next;

    /// <summary>Makes one for a pool whose texts are valid (<see cref="SubnetPool.Parse"/>).</summary>
    public AddressAllocator(SubnetPool pool)
    {
        _subnet = pool.Subnet;
        _family = pool.Subnet.BaseAddress.AddressFamily;
        var range = pool.Range ?? pool.Subnet;
        _first = AddressNumber.Of(range.BaseAddress);
        _last = AddressNumber.LastOf(range);
        _next = _first;
        // The network's own address (of IPv6: that of any of its routers), and of IPv4 that of all its machines.
        _taken.Add(AddressNumber.Of(pool.Subnet.BaseAddress));
        if (_family == AddressFamily.InterNetwork)
            _taken.Add(AddressNumber.LastOf(pool.Subnet));
        _taken.UnionWith(pool.Reserved.Append(pool.Gateway).Select(AddressNumber.Of));
    }

    /// <summary>Takes the next free address.</summary>
    /// <exception cref="GantryException">None is free.</exception>
    public IPAddress Take()
    {
        lock (_gate)
        {
            for (UInt128 tried = 0; tried <= _last - _first; tried++)
            {
                var candidate = _next;
                _next = _next == _last ? _first : _next + 1;
                if (_taken.Add(candidate))
                    return AddressNumber.ToAddress(candidate, _family);
            }
        }
        var version = _family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
        throw new GantryException(
            ErrorKind.Forbidden,
            $"no available {version} addresses on this network's address pools: {_subnet} has none left between {AddressNumber.ToAddress(_first, _family)} and {AddressNumber.ToAddress(_last, _family)}");
    }

    /// <summary>Takes a certain address.</summary>
    /// <exception cref="GantryException">It is not in the subnet, or taken.</exception>
    public IPAddress Take(IPAddress address)
    {
        if (!_subnet.Contains(address))
            throw GantryException.Invalid($"no configured subnet contains IP address {address}");
        lock (_gate)
        {
            var number = AddressNumber.Of(address);
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
            _taken.Remove(AddressNumber.Of(address));
    }
}
