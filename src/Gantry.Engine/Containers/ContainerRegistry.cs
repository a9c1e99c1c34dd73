using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>All containers of the engine, by id and by name. A name is reserved before its container exists.</summary>
public sealed class ContainerRegistry
{
    private readonly ConcurrentDictionary<string, Container> _byId = new();
    private readonly ConcurrentDictionary<string, string> _idByName = new();

    /// <summary>All containers, newest first.</summary>
    public IReadOnlyList<Container> List() => [.. _byId.Values.OrderByDescending(c => c.Created)];

    /// <summary>All containers in no order, one after another: those that come or go meanwhile may be among them or not.</summary>
    internal IEnumerable<Container> Unordered => _byId.Select(static pair => pair.Value);

    /// <summary>The container with that id, name or unique beginning of an id.</summary>
    /// <exception cref="GantryException">There is none (NotFound), or several ids begin so (InvalidArgument).</exception>
    public Container Get(string reference) =>
        TryGet(reference, out var container) ? container : throw GantryException.NotFound($"No such container: {reference}");

    /// <summary>As <see cref="Get"/>, without an error when there is none.</summary>
    public bool TryGet(string reference, [NotNullWhen(true)] out Container? container)
    {
        var name = reference.StartsWith('/') ? reference[1..] : reference;
        if (_byId.TryGetValue(reference, out container))
            return true;
        if (_idByName.TryGetValue(name, out var id) && _byId.TryGetValue(id, out container))
            return true;
        return TryGetByPrefix(reference, out container);
    }

    private bool TryGetByPrefix(string prefix, [NotNullWhen(true)] out Container? container)
    {
        container = null;
        if (prefix.Length is 0 or > 63 || !prefix.All(char.IsAsciiHexDigitLower))
            return false;
        foreach (var (id, candidate) in _byId)
        {
            if (!id.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            if (container is not null)
                throw GantryException.Invalid($"Multiple IDs found with provided prefix: {prefix}");
            container = candidate;
        }

        return container is not null;
    }

    /// <summary>Takes a name for the container <paramref name="id"/>.</summary>
    /// <exception cref="GantryException">Another container has it (Conflict).</exception>
    internal void ReserveName(string name, string id)
    {
        var owner = _idByName.GetOrAdd(name, id);
        if (owner != id)
        {
            throw GantryException.Conflict(
                $"Conflict. The container name \"/{name}\" is already in use by container \"{owner}\". "
                + "You have to remove (or rename) that container to be able to reuse that name.");
        }
    }

    internal bool Contains(string id) => _byId.ContainsKey(id);

    internal bool IsRunning(string id) => _byId.TryGetValue(id, out var container) && container.State.IsRunning;

    /// <summary>Whether a container with that id exists or is being made.</summary>
    internal bool IsKnown(string id) => _byId.ContainsKey(id) || _idByName.Values.Contains(id);

    internal bool IsNameFree(string name) => !_idByName.ContainsKey(name);

    internal void ReleaseName(string name, string id) => _idByName.TryRemove(new(name, id));

    internal void Add(Container container) => _byId[container.Id] = container;

    internal void Remove(Container container)
    {
        _byId.TryRemove(container.Id, out _);
        ReleaseName(container.Name, container.Id);
    }
}
