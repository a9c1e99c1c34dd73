using System.Net;

namespace Gantry.Dns.Zones;

/// <summary>
/// The names of one network: which hosts a name stands for, and what an address is called. Names are looked up in lower case, without making
/// objects. One thread uses it.
/// </summary>
public sealed class NameZone
{
    private readonly Dictionary<string, NameEntry> _entries = [];
    private readonly Dictionary<string, List<NameEntry>> _names = [];
    private readonly Dictionary<IPAddress, NameEntry> _addresses = [];
    private readonly Dictionary<string, List<NameEntry>>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Makes an empty zone.</summary>
    public NameZone() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many hosts there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a host, or replaces it.</summary>
    /// <param name="key">What the caller calls it; unique.</param>
    /// <param name="entry">Its names and addresses. Names that are none are passed over: nobody can ask for them.</param>
    public void Set(string key, NameEntry entry)
    {
        Remove(key);
        _entries.Add(key, entry);
        foreach (var name in Normalized(entry))
        {
            if (!_names.TryGetValue(name, out var hosts))
                _names.Add(name, hosts = []);
            hosts.Add(entry);
        }
        foreach (var address in entry.Addresses)
            _addresses[address] = entry;
    }

    /// <summary>Removes a host.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string key)
    {
        if (!_entries.Remove(key, out var entry))
            return false;
        foreach (var name in Normalized(entry))
        {
            if (_names.TryGetValue(name, out var hosts) && hosts.Remove(entry) && hosts.Count == 0)
                _names.Remove(name);
        }
        foreach (var address in entry.Addresses)
        {
            // Another host may have got it meanwhile.
            if (_addresses.TryGetValue(address, out var owner) && ReferenceEquals(owner, entry))
                _addresses.Remove(address);
        }
        return true;
    }

    /// <summary>The hosts that a name stands for; null: there is none of that name.</summary>
    public IReadOnlyList<NameEntry>? Find(ReadOnlySpan<char> name) => _lookup.TryGetValue(name, out var hosts) ? hosts : null;

    /// <summary>The host that has an address; null: none.</summary>
    public NameEntry? Find(IPAddress address) => _addresses.GetValueOrDefault(address);

    private static IEnumerable<string> Normalized(NameEntry entry) =>
        entry.Names.Select(static name => name.TrimEnd('.').ToLowerInvariant()).Where(static name => name.Length > 0).Distinct();
}
