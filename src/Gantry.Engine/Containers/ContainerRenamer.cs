using Gantry.Engine.Networks;
using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>Gives a container another name.</summary>
public sealed class ContainerRenamer
{
    private readonly ContainerRegistry _registry;
    private readonly ContainerFolder _folder;
    private readonly ServedNames _names;
    private readonly ContainerEvents _events;

    internal ContainerRenamer(ContainerRegistry registry, ContainerFolder folder, ServedNames names, ContainerEvents events)
    {
        _registry = registry;
        _folder = folder;
        _names = names;
        _events = events;
    }

    /// <summary>Renames; the old name is free at once.</summary>
    /// <exception cref="GantryException">The name is malformed or already this container's (InvalidArgument), or taken (Conflict).</exception>
    public async Task RenameAsync(Container container, string newName)
    {
        if (newName.Length == 0)
            throw GantryException.Invalid("Neither old nor new names may be empty");
        var name = newName.TrimStart('/');
        if (!ContainerNames.IsValid(name))
            throw GantryException.Invalid($"Error when allocating new name: {ContainerNames.Refusal("/" + name)}");
        using var gate = await ContainerGate.EnterAsync(container);
        var oldName = container.Name;
        if (name == oldName)
            throw GantryException.Invalid("Renaming a container with the same name as its current name");

        try
        {
            _registry.ReserveName(name, container.Id);
        }
        catch (GantryException taken)
        {
            throw new GantryException(taken.Kind, $"Error when allocating new name: {taken.Message}", taken);
        }
        try
        {
            var renamed = container.Document with { Name = name };
            _folder.WriteDocument(renamed);
            container.Document = renamed;
        }
        catch
        {
            _registry.ReleaseName(name, container.Id);
            throw;
        }

        _registry.ReleaseName(oldName, container.Id);
        if (container.State.IsRunning)
            await _names.ChangeAsync(container);
        _events.Publish(container, "rename", ("oldName", "/" + oldName));
    }
}
