using System.Globalization;
using System.Text;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Trees;

/// <summary>Finds the numbers of users and groups in the files of a root. A name that is not there is root, as it is for BuildKit.</summary>
internal sealed class OwnerLookup(Fd root)
{
    /// <summary>The numbers of an owner.</summary>
    public (uint User, uint Group) Find(FileOwner owner)
    {
        uint user = 0, group = 0;
        if (owner.User.Length > 0)
        {
            if (uint.TryParse(owner.User, NumberStyles.None, CultureInfo.InvariantCulture, out user))
                group = user;
            else
            {
                var fields = Line("etc/passwd", owner.User) ?? [];
                user = Number(fields, 2);
                group = Number(fields, 3);
            }
        }
        if (owner.Group.Length > 0 && !uint.TryParse(owner.Group, NumberStyles.None, CultureInfo.InvariantCulture, out group))
            group = Number(Line("etc/group", owner.Group) ?? [], 2);
        return (user, group);
    }

    private static uint Number(string[] fields, int index) =>
        index < fields.Length && uint.TryParse(fields[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private string[]? Line(string path, string name)
    {
        if (FileOpener.TryOpenWithin(root, Encoding.UTF8.GetBytes(path), OpenFlags.ReadOnly, ResolveFlags.InRoot, 0, out _) is not { } file)
            return null;
        using var reader = new DescriptorReader(file);
        return Encoding.UTF8.GetString(reader.ReadToEnd()).Split('\n').Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name);
    }
}
